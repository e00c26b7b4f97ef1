import { once } from "node:events";
import { mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { issue, makeAuthority } from "../../src/server/tls/authority.ts";
import type { KeyPair } from "../../src/server/tls/key-pair.ts";
import { scopeOf } from "../../src/server/tls/scope.ts";
import { Program } from "../support/program.ts";

const PATIENCE_MS = 20_000;
const CAMERA = ["--camera", "test=test:160x120@30"];
const NAMES = { names: ["localhost"], addresses: ["127.0.0.1"] };

let folder: string;
let authority: KeyPair;
let pair: KeyPair;
let program: Program | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-tls-"));
  authority = await makeAuthority("test", scopeOf(NAMES));
  pair = await issue(authority, NAMES);
  put(pair);
});
afterEach(async () => {
  await program?.kill("SIGKILL");
  program = undefined;
});

const file = (name: string): string => join(folder, name);
const put = ({ cert, key }: KeyPair): void => {
  for (const [name, text] of Object.entries({ "cert.pem": cert, "key.pem": key })) {
    writeFileSync(file(`${name}.new`), text);
    renameSync(file(`${name}.new`), file(name));
  }
};
const withFiles = (): string[] => ["--tls-cert", file("cert.pem"), "--tls-key", file("key.pem")];
const start = async (...args: string[]): Promise<number> => {
  program = await Program.start(["up", "--port", "0", "--log-level", "info", ...CAMERA, ...args]);
  expect(program.firstLine).toMatch(/^https:\/\/localhost:\d+(\/cam\/)?$/);
  return Number(new URL(program.firstLine).port);
};
/** Serial number of the certificate that a new connection is shown. */
const serial = async (port: number): Promise<string> => {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: authority.cert });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};

describe.each([
  ["one process", "1"],
  ["two workers", "2"],
])("a certificate in files, %s", (_, workers) => {
  test("is served, and another one when it is renewed; viewers stay", async () => {
    const port = await start(...withFiles(), "--workers", workers);
    const before = await serial(port);
    const viewers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const viewer = new WebSocket(`wss://127.0.0.1:${port}/ws?camera=test`, { ca: authority.cert });
        await once(viewer, "open");
        return viewer;
      }),
    );
    const ask = async (viewer: WebSocket): Promise<void> => {
      const answer = once(viewer, "message");
      viewer.send("1");
      expect(((await answer)[0] as Buffer).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    };
    for (const viewer of viewers) await ask(viewer);
    put(await issue(authority, NAMES));
    await program?.says(/a new certificate is served/);
    await expect.poll(() => serial(port), { timeout: PATIENCE_MS }).not.toBe(before);
    for (const viewer of viewers) await ask(viewer);
    for (const viewer of viewers) viewer.terminate();
  });

  test("http is sent to https", async () => {
    const port = await start(...withFiles(), "--workers", workers, "--base-path", "/cam");
    const path = "/cam/cameras?a=b";
    const [response] = (await once(get(`http://127.0.0.1:${port}${path}`), "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(307);
    expect(response.headers.location).toBe(`https://127.0.0.1:${port}${path}`);
    // Another program of this host may speak http only, and a self-made certificate is nobody's promise.
    expect(response.headers["strict-transport-security"]).toBeUndefined();
    response.resume();
  });
});

describe("what is wrong with a certificate ends the start with one sentence", () => {
  test.each<[string, (pair: KeyPair) => Promise<string[]>, RegExp]>([
    [
      "no file",
      async () => ["--tls-cert", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"],
      /\/nowhere\/c\.pem cannot be read: no such file/,
    ],
    [
      "the key of another",
      async ({ cert }) => {
        put({ cert, key: (await issue(authority, NAMES)).key });
        return withFiles();
      },
      /key\.pem is the key of another certificate/,
    ],
    [
      "no key",
      async () => ["--tls-cert", "c.pem"],
      /--tls-cert needs its private key: expected --tls-key FILE too/,
    ],
    ["no certificate", async () => ["--tls-key", "k.pem"], /--tls-key needs its certificate/],
    [
      "two wishes",
      async () => ["--tls", "auto", ...withFiles()],
      /--tls auto makes a certificate of its own/,
    ],
    [
      "a mode that is none",
      async () => ["--tls", "on"],
      /--tls: "on".*expected auto or off|--tls.*on.*expected auto or off/,
    ],
    [
      "a base path that is the server's own",
      async () => ["--base-path", "/cameras/"],
      /base-path.*expected a path such as/,
    ],
    [
      "a proxy that is none",
      async () => ["--trust-proxy", "10.0.0.0/99"],
      /trust-proxy.*expected addresses or ranges/,
    ],
  ])("%s", async (_, args, sentence) => {
    const started = new Program(["up", "--port", "0", ...CAMERA, ...(await args(pair))]);
    expect(await started.end()).toBe(2);
    expect(started.stderr).toMatch(sentence);
    expect(started.stderr.trim().split("\n")).toHaveLength(1);
  });
});
