import { afterEach, describe, expect, test } from "vitest";
import { documentedCompose, documentedConfig, type Service } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, startNats } from "../support/nats-server.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";
import { has } from "../support/tools.ts";

const PATIENCE_MS = 30_000;
const SECRETS = {
  FRONT_PASSWORD: "front-pw",
  SERVER_PASSWORD: "server-pw",
  HELLO_TOKEN: "token-for-viewers-0123",
};
const NODES = ["nats1", "nats2", "nats3"];

describe.skipIf(!has("nats-server", "--version"))("the compose file of docs/deployment.md", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** What a service of ours runs, on this machine: its command, with an address for each name. */
  const start = async (
    service: Service,
    meets: (text: string) => string,
    ...more: string[]
  ): Promise<Program> => {
    const args = service.command;
    const environment = Object.entries(service.environment).map(([name, value]) => [name, meets(value)]);
    const words = [...args.map((word) => word.replace("/dev/video0", "test:160x120@30")), ...more];
    const program = new Program(words, Object.fromEntries(environment));
    ends.push(() => program[Symbol.asyncDispose]());
    return program;
  };

  test("starts: what each service runs meets the others, with the logins and rights that are written there", async () => {
    const services = documentedCompose(SECRETS);
    expect(Object.keys(services)).toEqual([...NODES, "server1", "server2", "recorder"]);
    const places = NODES.map((name, index) => ({ name, host: `127.0.1.${index + 1}` }));
    const [port, clusterPort] = [await freePort(), await freePort()];
    const local = (text: string, suffix: string): string =>
      places.reduce((all, { name, host }) => all.replaceAll(name, `${host}${suffix}`), text);
    const shared = [
      documentedConfig("max_pending"),
      documentedConfig("authorization", SECRETS),
      local(documentedConfig("cluster {"), "").replaceAll("6222", String(clusterPort)),
    ].join("\n");
    for (const { name, host } of places) {
      expect(services[name]?.command).toEqual(["-c", "/etc/nats.conf"]);
      const config = shared.replace("0.0.0.0", host);
      const node = await startNats({ config, host, port });
      ends.push(() => node.stop());
    }
    const meets = (text: string): string => local(text, `:${port}`);
    await start(services["recorder"] as Service, meets);
    for (const name of ["server1", "server2"]) {
      const server = await start(services[name] as Service, meets, "--port", "0");
      await server.says(/http:\S+/);
      const at = /:(\d+)/.exec(/http:\S+/.exec(server.stdout)?.[0] ?? "")?.[1] ?? "";
      const bearer = { authorization: `Bearer ${SECRETS.HELLO_TOKEN}` };
      const refused = await fetch(`http://127.0.0.1:${at}/cameras`);
      expect(refused.status).toBe(401);
      const viewer = await TestViewer.open(`ws://127.0.0.1:${at}/ws`, undefined, bearer);
      ends.push(() => viewer.close());
      viewer.tell({ type: "watch", camera: "front", track: "jpeg", window: 2 });
      await eventually(() => expect(viewer.binaries.length).toBeGreaterThan(0), PATIENCE_MS);
      expect(server.stdout + server.stderr).not.toMatch(/does not let|refuses/);
    }
  });
});
