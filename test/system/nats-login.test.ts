import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseNatsAddress } from "../../src/bus/nats-address.ts";
import { NatsBus } from "../../src/bus/nats-bus.ts";
import { now } from "../../src/protocol/index.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { documentedConfig } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { makeAccounts } from "../support/nats-accounts.ts";
import { startNats } from "../support/nats-server.ts";
import { has } from "../support/tools.ts";

const INFO = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live" as const,
  since: now(),
  tracks: [{ name: "jpeg", codec: "jpeg" }],
};

describe.skipIf(!has("nats-server", "--version"))("who may use NATS", () => {
  const ends: (() => Promise<unknown>)[] = [];
  const said: string[] = [];
  let folder: string;
  let ours: Certificates;
  let theirs: Certificates;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hello-login-"));
    ours = makeCertificates(folder, "ours");
    theirs = makeCertificates(folder, "theirs");
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    said.length = 0;
    for (const end of ends.splice(0).reverse()) await end();
  });

  const nats = async (config: string): Promise<string> => {
    const server = await startNats({ config });
    ends.push(() => server.stop());
    return `127.0.0.1:${server.port}`;
  };
  const meet = async (url: string, subscribes: boolean): Promise<NatsBus> => {
    const bus = await NatsBus.open(
      parseNatsAddress(url),
      {
        connected: () => said.push("connected"),
        lost: (reason) => said.push(reason),
        forbidden: (r) => said.push(r),
      },
      { subscribes },
    );
    ends.push(() => bus[Symbol.asyncDispose]());
    return bus;
  };
  /** A frame goes from a recorder to a server, each with its own address. */
  const passes = async (recorder: string, server: string): Promise<void> => {
    const publisher = await meet(recorder, false);
    const subscriber = await meet(server, true);
    const adjust = async () => [];
    const demands: number[] = [];
    const keyframes: string[] = [];
    const publication = publisher.publish(INFO, {
      demand: (tracks) => demands.push(tracks.size),
      keyframe: (track) => keyframes.push(track),
      refused: (reason) => said.push(reason),
      adjust,
    });
    const subscription = subscriber.subscribe("front", "jpeg", { frame: () => {}, renumbered: () => {} });
    await eventually(() => expect(demands.at(-1)).toBe(1));
    const facts = { sequence: 1, capturedAt: now(), keyframe: true, discardable: false, layer: 0 };
    // Longer than a message, so that parts are allowed as well.
    publication.publish("jpeg", { ...facts, payload: new Uint8Array(3_000_000).fill(7) });
    await eventually(() => expect(subscription.newest?.payload.byteLength).toBe(3_000_000));
    subscription.wantKeyframe();
    await eventually(() => expect(keyframes).toEqual(["jpeg"]));
    expect(await subscriber.adjust("front", new Map())).toEqual([]);
    // The clock was asked for, and a second server is given what is held.
    await eventually(() => expect(subscriber.camera("front")?.clock?.error).toBeLessThan(100_000));
    const other = await meet(server, true);
    const late = other.subscribe("front", "jpeg", { frame: () => {}, renumbered: () => {} });
    await eventually(() => expect(late.newest?.payload.byteLength).toBe(3_000_000));
    expect(said.filter((sentence) => sentence !== "connected")).toEqual([]);
  };

  test("the rights that docs/deployment.md gives are enough, and no others are there", async () => {
    const config = documentedConfig("authorization", {
      FRONT_PASSWORD: "front-pw",
      SERVER_PASSWORD: "server-pw",
    });
    const host = await nats(`${config}\n${documentedConfig("max_pending")}`);
    await passes(`nats://front:front-pw@${host}`, `nats://server:server-pw@${host}`);
  });

  test("with those rights a recorder cannot take another's camera, and says which right it lacks", async () => {
    const config = documentedConfig("authorization", {
      FRONT_PASSWORD: "front-pw",
      SERVER_PASSWORD: "server-pw",
    });
    const host = await nats(config);
    const bus = await meet(`nats://front:front-pw@${host}`, false);
    const refusals: string[] = [];
    bus.publish(
      { ...INFO, id: "back" },
      { demand: () => {}, keyframe: () => {}, refused: (r) => refusals.push(r) },
    );
    await eventually(() =>
      expect(refusals.join()).toMatch(/NATS does not let this user (publish|subscribe) to "hello\.back\./),
    );
    const server = await meet(`nats://server:server-pw@${host}`, true);
    server.publish(
      { ...INFO, id: "fake" },
      { demand: () => {}, keyframe: () => {}, refused: (r) => refusals.push(r) },
    );
    await eventually(() => expect(refusals.join()).toContain("hello.fake."));
    expect(server.camera("back")).toBeUndefined();
  });

  test("a token opens", async () => {
    const host = await nats(`authorization { token: "t0ken-t0ken" }`);
    await passes(`nats://t0ken-t0ken@${host}`, `nats://t0ken-t0ken@${host}`);
  });

  test("an nkey opens", async () => {
    const user = nkeys.createUser();
    const file = join(folder, "user.nk");
    writeFileSync(file, `${new TextDecoder().decode(user.getSeed())}\n`);
    const host = await nats(`authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
    await passes(`nats://${host}?nkey=${file}`, `nats://${host}?nkey=${file}`);
  });

  test("a credentials file opens", async () => {
    const { config, credentials } = makeAccounts();
    const file = join(folder, "user.creds");
    writeFileSync(file, credentials);
    const host = await nats(config);
    await passes(`nats://${host}?credentials=${file}`, `nats://${host}?credentials=${file}`);
  });

  test("TLS and mutual TLS open", async () => {
    const { server, client, ca } = ours;
    const tls = `cert_file: "${server.cert}", key_file: "${server.key}"`;
    const plain = await nats(`tls { ${tls} }`);
    await passes(`nats://${plain}?ca=${ca}`, `tls://${plain}?ca=${ca}`);
    said.length = 0;
    const mutual = await nats(`tls { ${tls}, ca_file: "${ca}", verify: true }`);
    const url = `tls://${mutual}?ca=${ca}&cert=${client.cert}&key=${client.key}`;
    await passes(url, url);
  });

  test("what NATS refuses is one sentence that says what was expected, and repeats no secret", async () => {
    const refusal = async (url: string): Promise<string> => {
      const error: unknown = await meet(url, false).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error, said.join()).toMatchObject({ name: "NatsError", kind: "fatal" });
      return (error as Error).message;
    };
    const host = await nats(`authorization { user: "u", password: "right-pw" }`);
    for (const login of ["", "u:wr0ng-pw@", "t0ken@"]) {
      const sentence = await refusal(`nats://${login}${host}`);
      expect(sentence).toBe(
        `NATS at nats://${host} refuses the login: expected the right user and password, token, credentials or nkey`,
      );
    }
    expect(await refusal(`nats://${host}?ca=${ours.ca}`)).toContain("offers no TLS: expected nats://");
    expect(await refusal(`nats://${host}?nkey=/nowhere`)).toContain(
      "needs the file /nowhere, which cannot be read",
    );
    writeFileSync(join(folder, "empty.nk"), "nothing\n");
    expect(await refusal(`nats://${host}?nkey=${join(folder, "empty.nk")}`)).toContain("has no seed in it");
    expect(await refusal(`nats://${host}?credentials=${join(folder, "empty.nk")}`)).toContain(
      "with a key in it",
    );
    const { server, client, ca } = ours;
    const tls = await nats(
      `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${ca}", verify: true }`,
    );
    expect(await refusal(`tls://${tls}`)).toContain("has a certificate that is not trusted (");
    expect(await refusal(`tls://${tls}?ca=/nowhere`)).toContain(
      "needs the file /nowhere, which cannot be read",
    );
    const stranger = `ca=${ca}&cert=${theirs.client.cert}&key=${theirs.client.key}`;
    expect(await refusal(`tls://${tls}?${stranger}`)).toContain("refuses this program's certificate (");
    expect(await refusal(`tls://${tls}?ca=${ca}`)).toContain("refuses this program's certificate (");
    const mixed = `ca=${ca}&cert=${client.cert}&key=${theirs.client.key}`;
    expect(await refusal(`tls://${tls}?${mixed}`)).toContain(
      "needs a certificate and key in PEM that belong together",
    );
  });

  test("a NATS that is not there is waited for", async () => {
    const first = await startNats({ config: `authorization { token: "one" }` });
    await first.stop();
    const bus = await meet(`nats://one@127.0.0.1:${first.port}`, true);
    expect(said.join()).toContain("is not there: connection refused");
    const second = await startNats({ port: first.port, config: `authorization { token: "one" }` });
    ends.push(() => second.stop());
    await eventually(() => expect(said.at(-1)).toBe("connected"));
    expect(bus.cameras()).toEqual([]);
  });
});
