import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { freePort, Process, refuseTaken } from "./process.ts";

const node = (script: string): string[] => [process.execPath, "-e", script];
const listener = (port: number): string => `net.createServer().listen(${port}, "127.0.0.1")`;
const FOR_EVER = "setInterval(() => {}, 1000)";
const FAILS = `console.error("the port is taken"); process.exitCode = 1`;
const never = new AbortController().signal;

describe("a program", () => {
  test("whose helper has ended is not waited for: what the helper said is told", async () => {
    await using program = new Process(node(FOR_EVER), [new Process(node(FAILS))]);
    const listening = program.listening("127.0.0.1", await freePort(), never);
    await expect(listening).rejects.toThrow(/-e console.error.* has ended early: the port is taken$/);
  });

  test("whose helper ends later is found out by a look", async () => {
    const port = await freePort();
    await using program = new Process(node(listener(port)), [new Process(node(FAILS))]);
    await eventually(() => expect(program.check()).rejects.toThrow("has ended early: the port is taken"));
  });

  test("that ends in place of listening is told in its own words", async () => {
    await using program = new Process(node(`throw "no camera"`));
    await expect(program.listening("127.0.0.1", await freePort(), never)).rejects.toThrow(
      /has ended early: [^]*no camera/,
    );
  });

  test("that runs with its helpers is left alone", async () => {
    const port = await freePort();
    await using program = new Process(node(listener(port)), [new Process(node(FOR_EVER))]);
    await program.listening("127.0.0.1", port, never);
    await program.check();
  });
});

test.each(["127.0.0.1", "::1"])("a port where something listens on %s is refused", async (host) => {
  const server = createServer().listen(0, host);
  try {
    await once(server, "listening");
  } catch {
    // A machine without IPv6 has nobody there.
    return;
  }
  const { port } = server.address() as AddressInfo;
  await expect(refuseTaken(port)).rejects.toThrow(`port ${port} is taken: another program listens on it`);
  server.close();
  await once(server, "close");
  await refuseTaken(port);
});
