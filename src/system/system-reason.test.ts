import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { systemReason } from "./system-reason.ts";

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return expect.unreachable();
}

test("a file that is not there, and one that is a folder", async () => {
  expect(systemReason(await errorOf(() => readFileSync("/nowhere/at.yaml")))).toBe(
    "no such file or directory",
  );
  expect(systemReason(await errorOf(() => readFileSync("/")))).toBe("illegal operation on a directory");
});

test("a port where nobody listens, under one address and under two", async () => {
  const server = createServer().listen(0);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  for (const host of ["127.0.0.1", "localhost"]) {
    const { cause } = (await errorOf(() => fetch(`http://${host}:${port}/`))) as Error;
    expect(systemReason(cause)).toBe("connection refused");
  }
});

test("what the system says nothing of", () => {
  const unknown = Object.assign(new Error(""), { code: "E_OWN" });
  expect(["a word", new Error("its own words"), unknown, new TypeError()].map(systemReason)).toEqual([
    "a word",
    "its own words",
    "E_OWN",
    "TypeError",
  ]);
});
