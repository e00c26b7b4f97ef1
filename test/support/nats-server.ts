import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A nats-server of a test. */
export interface TestNats {
  readonly port: number;
  /** Its HTTP port, with figures of what it does. */
  readonly monitorPort: number;
  readonly pid: number;
  /** Without a login. */
  readonly url: string;
  /** Stop it at once, as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** How a {@link TestNats} is started. */
export interface NatsOptions {
  /** What its config file says beyond its ports. */
  readonly config?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Its place in a cluster: the port for the others, and theirs. */
  readonly cluster?: { readonly port: number; readonly routes: readonly number[] };
  /** Put in front of its command line, such as `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Start a nats-server and wait until it accepts connections. */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const folder = mkdtempSync(join(tmpdir(), "hello-nats-"));
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? (await freePort());
  const monitorPort = await freePort();
  const { cluster } = options;
  const lines = [
    `listen: "${host}:${port}"`,
    `http: "127.0.0.1:${monitorPort}"`,
    cluster === undefined
      ? ""
      : `cluster { name: "hello", listen: "127.0.0.1:${cluster.port}", ` +
        `routes: [${cluster.routes.map((route) => `"nats://127.0.0.1:${route}"`).join(", ")}] }`,
    options.config ?? "",
  ];
  const file = join(folder, "nats.conf");
  writeFileSync(file, lines.join("\n"));
  const [command, ...rest] = [...(options.prefix ?? []), "nats-server", "-c", file];
  const child = spawn(command, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (text: Buffer) => {
    output = (output + text.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  if ((options.prefix ?? []).length === 0) {
    await answers(host, port, child, () => output);
  } else {
    await said(child, () => output, "Server is ready");
  }
  return {
    port,
    monitorPort,
    pid: child.pid ?? 0,
    url: `nats://${host}:${port}`,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

/** Start three that form a cluster. */
export async function startCluster(
  config = "",
  host = "127.0.0.1",
  attempts = 3,
): Promise<{
  readonly nodes: TestNats[];
  readonly url: string;
  /** Start a node again that was stopped, where it was. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}> {
  const routes = [await freePort(), await freePort(), await freePort()];
  const start = (index: number, port?: number): Promise<TestNats> =>
    startNats({
      host,
      config: `server_name: "node${index}"\n${config}`,
      cluster: { port: routes[index] ?? 0, routes },
      ...(port === undefined ? {} : { port }),
    });
  const started = await Promise.allSettled(routes.map((_, index) => start(index)));
  const nodes = started.flatMap((node) => (node.status === "fulfilled" ? [node.value] : []));
  const failed = started.find((node) => node.status === "rejected");
  if (failed !== undefined) {
    await Promise.all(nodes.map((node) => node.stop()));
    if (attempts === 1) throw failed.reason;
    // A port may have been taken since it was free.
    return startCluster(config, host, attempts - 1);
  }
  return {
    nodes,
    url: `nats://${nodes.map(({ port }) => `${host}:${port}`).join(",")}`,
    restart: async (index) => {
      nodes[index] = await start(index, nodes[index]?.port);
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function answers(host: string, port: number, child: ChildProcess, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nats-server ended: ${output()}`);
    const isThere = await new Promise<boolean>((resolve) => {
      const probe = connect(port, host, () => {
        probe.destroy();
        resolve(true);
      });
      probe.once("error", () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function said(child: ChildProcess, output: () => string, words: string): Promise<void> {
  while (!output().includes(words)) {
    if (child.exitCode !== null) throw new Error(`nats-server ended: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
