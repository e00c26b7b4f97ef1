import { onTestFinished } from "vitest";
import { AccessServer } from "./access-server.ts";
import { Program } from "./program.ts";
import { TestServer } from "./test-server.ts";

// What a test starts here ends with it, however it ends; what it started last, first.

/** A server that lets everybody in. */
export async function openServer(): Promise<TestServer> {
  const server = await TestServer.start();
  onTestFinished(() => server.stop());
  return server;
}

/** A server that asks who one is. */
export async function guardedServer(): Promise<AccessServer> {
  const server = await AccessServer.start();
  onTestFinished(() => server.stop());
  return server;
}

/** A program; it may not have said anything yet. */
export function newProgram(...args: ConstructorParameters<typeof Program>): Program {
  const started = new Program(...args);
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** A program that has said its first line. */
export async function startedProgram(...args: ConstructorParameters<typeof Program>): Promise<Program> {
  const started = newProgram(...args);
  await started.says(/\n/);
  return started;
}
