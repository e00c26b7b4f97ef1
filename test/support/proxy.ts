import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { ProxyCertificate } from "./trust.ts";

const DOCUMENT = new URL("../../docs/proxies.md", import.meta.url);

/** Programs that stand in front of a server in the tests. */
export type ProxyKind = "nginx" | "caddy" | "haproxy";

/** What a proxy of the tests is. */
export interface ProxyOptions {
  readonly name: string;
  readonly port: number;
  /** Where the server behind it is: host and port. */
  readonly server: string;
  readonly certificate: ProxyCertificate;
  /** Changes the lines of the documentation. */
  readonly edit?: (lines: string) => string;
}

/** A real proxy with the very lines that the documentation tells people to write. */
export class Proxy implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = "";

  static async start(kind: ProxyKind, options: ProxyOptions): Promise<Proxy> {
    const folder = mkdtempSync(join(tmpdir(), `hello-${kind}-`));
    const file = join(folder, kind === "caddy" ? "Caddyfile" : `${kind}.conf`);
    writeFileSync(file, wrap(kind, linesFor(kind, options), folder));
    const proxy = new Proxy(COMMANDS[kind](file, folder), folder);
    await vi
      .waitFor(
        async () => {
          const socket = connect(options.port, "127.0.0.1");
          await Promise.race([
            once(socket, "connect"),
            once(socket, "error").then(([error]) => Promise.reject(error)),
          ]);
          socket.destroy();
        },
        { timeout: 30_000, interval: 50 },
      )
      .catch((error: unknown) => {
        throw new Error(`${kind} does not listen: ${String(error)}\n${proxy.#said}`);
      });
    return proxy;
  }

  private constructor([command = "", ...args]: readonly string[], folder: string) {
    this.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      // Debian has servers where only root looks.
      env: {
        ...process.env,
        PATH: `${process.env["PATH"]}:/usr/sbin`,
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#said += String(chunk);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }
}

const COMMANDS: Readonly<Record<ProxyKind, (file: string, folder: string) => string[]>> = {
  nginx: (file, folder) => ["nginx", "-p", folder, "-c", file, "-g", "daemon off; master_process off;"],
  caddy: (file) => ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
  haproxy: (file) => ["haproxy", "-db", "-f", file],
};

/** The documentation's lines, with ports, names and files of this test. */
function linesFor(kind: ProxyKind, { name, port, server, certificate, edit }: ProxyOptions): string {
  const found = new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, "s").exec(readFileSync(DOCUMENT, "utf8"))?.[1];
  if (found === undefined) throw new Error(`docs/proxies.md has no lines for ${kind}`);
  const lines = found
    .replaceAll("home.example {", `https://${name}:${port} {\n\tbind 127.0.0.1`)
    .replaceAll("home.example", name)
    .replaceAll("127.0.0.1:9000", server)
    .replaceAll("listen 443", `listen 127.0.0.1:${port}`)
    .replaceAll("bind :443", `bind 127.0.0.1:${port}`)
    .replaceAll("/etc/ssl/home.pem", certificate.cert)
    .replaceAll("/etc/ssl/home.key", certificate.key)
    .replaceAll("/etc/ssl/home-with-key.pem", certificate.both);
  return edit?.(lines) ?? lines;
}

/** What an installed proxy has around such lines. */
function wrap(kind: ProxyKind, lines: string, folder: string): string {
  switch (kind) {
    case "nginx":
      return `pid ${folder}/pid; error_log stderr warn; events {}\nhttp {
        access_log off;
        ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((use) => `${use}_temp_path ${folder}/${use};`).join(" ")}
        ${lines}\n}`;
    case "caddy":
      return `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n${lines}`;
    case "haproxy":
      return `global\n    maxconn 100\n${lines}`;
  }
}
