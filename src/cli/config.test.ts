import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config } from "./config/report.ts";
import { readConfig } from "./config.ts";

const HASH = "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const TEXT = `port: 1000
rate: 10
token: a-token-in-a-file
cameras:
  front: "test:"
  yard:
    source: rtsp://user:pa55word@h/x
    rate: 5
users:
  anna:
    password: ${HASH}
    role: control
    cameras: [front]
`;

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-config-"));
  path = join(folder, "hello.yaml");
  writeFileSync(path, TEXT);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command says, by key. */
async function told(
  flags: Record<string, unknown>,
  environment: Record<string, string> = {},
): Promise<{ all: string; of: (key: string) => string | undefined }> {
  const lines: string[] = [];
  await config(flags, environment, (line) => lines.push(line.replaceAll(path, "F")));
  const rows = new Map(lines.map((line) => [line.split(" ")[0], line.replace(/ {2,}/g, " | ")]));
  return { all: lines.join("\n"), of: (key) => rows.get(key)?.replace(/^[^|]*\| /, "") };
}

test("an option wins over a variable, a variable over the file, the file over nobody", async () => {
  const environment = { HELLO_CONFIG: path, HELLO_PORT: "2000", HELLO_RATE: "20", HELLO_SIZE: "" };
  expect(await readConfig({ flags: { port: "3000" }, environment })).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    settings: { rate: 20, size: undefined },
    cameras: [
      { id: "front", rate: 20 },
      { id: "yard", rate: 5 },
    ],
  });
  const { of } = await told({ port: "3000" }, environment);
  expect(of("port")).toBe("3000 | --port");
  expect(of("rate")).toBe("20 | HELLO_RATE");
  expect(of("host")).toBe("127.0.0.1 | default");
  expect(of("size")).toBe("the largest up to 1280x720 | default");
  expect(of("cameras.front")).toBe("test: | F:5");
  expect(of("cameras.yard.rate")).toBe("5 | F:8");
  expect(of("users.anna")).toBe("control of front | F:10");
});

test("cameras of an option take the place of those of a variable and of the file", async () => {
  const environment = { HELLO_CAMERA: "b=test:\nc=test:", HELLO_CONFIG: path };
  const ids = async (flags: Record<string, unknown>): Promise<string[]> =>
    (await readConfig({ flags, environment })).cameras.map(({ id }) => id);
  expect(await ids({ camera: ["a=test:"] })).toEqual(["a"]);
  expect(await ids({ camera: [] })).toEqual(["b", "c"]);
  expect((await told({ camera: ["a=test:#rate=3"] }, environment)).of("cameras.a")).toBe("test: | --camera");
});

test("no secret is told, for people or for programs", async () => {
  const environment = { HELLO_MAPPER: "nats://me:pa55word@host", HELLO_CONFIG: path };
  for (const json of [false, true]) {
    const { all } = await told({ json }, environment);
    expect(all).not.toMatch(/pa55word|a-token|scrypt/);
    expect(all).toContain("set, and not told");
    expect(all).toContain("nats://me:***@host");
    expect(all).toContain("rtsp://user:***@h/x");
  }
});

test("a variable that is none is spoken of, and what file there is", async () => {
  const { all } = await told({}, { HELLO_PROT: "1", HELLO_STATE: "/x", OTHER: "1" });
  expect(all).toContain("HELLO_PROT is no variable of this program: did you mean HELLO_PORT?");
  expect(all).not.toContain("HELLO_STATE");
  expect(all).toContain("there is no config file: --config FILE or HELLO_CONFIG names one");
  expect((await told({}, { HELLO_CONFIG: path })).all).not.toContain("there is no config file");
});

test("a file is checked whatever else is set", async () => {
  expect((await told({ check: path }, { HELLO_PORT: "nonsense" })).all).toBe("F is right: 2 cameras, 1 user");
  writeFileSync(join(folder, "wrong.yaml"), "port: x\nrate: y\n");
  await expect(told({ check: join(folder, "wrong.yaml") })).rejects.toThrow(
    /wrong\.yaml:1:7: port: .*\n.*:2:7: rate/,
  );
});

test("options of TLS that contradict one another are told with the line of the file", async () => {
  writeFileSync(join(folder, "tls.yaml"), "port: 1\ntlsKey: /x\n");
  await expect(readConfig({ flags: { config: join(folder, "tls.yaml") }, environment: {} })).rejects.toThrow(
    /tls\.yaml:2:1: --tls-key needs its certificate/,
  );
});

test("all that is wrong in options and variables is told at once", async () => {
  const input = { flags: { port: "x", camera: ["a=nonsense", "B"] }, environment: { HELLO_RATE: "y" } };
  const error: unknown = await readConfig(input).catch((reason: unknown) => reason);
  expect((error as Error).message.split("\n").map((line) => line.slice(0, 9))).toEqual(
    expect.arrayContaining(['--port: "', "HELLO_RAT", "camera a:", "--camera:"]),
  );
});
