import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../browser/port.ts";
import { Program } from "../support/program.ts";
import { Proxy } from "../support/proxy.ts";
import { has } from "../support/tools.ts";
import { certificateFor, type ProxyCertificate } from "../support/trust.ts";

const TOKEN = "a-token-of-the-test";
const BASE = ["--base-path", "/cam", "--trust-proxy", "127.0.0.1"];

describe.skipIf(!has("sh", "-c", "PATH=$PATH:/usr/sbin; command -v nginx"))("doctor --url", () => {
  let server: Program;
  let certificate: ProxyCertificate;
  beforeAll(async () => {
    certificate = await certificateFor("localhost");
    server = await startServer(BASE);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const startServer = (options: readonly string[]): Promise<Program> =>
    Program.start(["up", "--port", "0", ...options, "--token", TOKEN, "--camera", "test=test:320x240@30"]);

  /** What the doctor says of a proxy with these changes to the lines of the documentation. */
  const examine = async (
    edit: (lines: string) => string,
    { program = server, token = TOKEN, trusts = true } = {},
  ): Promise<string> => {
    const port = await freePort();
    const inner = `127.0.0.1:${new URL(program.firstLine).port}`;
    await using _proxy = await Proxy.start("nginx", {
      name: "localhost",
      port,
      server: inner,
      certificate,
      edit,
    });
    const doctor = new Program(["doctor", "--url", `https://localhost:${port}/cam`, "--token", token], {
      ...(trusts && { NODE_EXTRA_CA_CERTS: certificate.authorityFile }),
    });
    const status = await doctor.end();
    expect(doctor.stderr).toBe("");
    expect(status).toBe(doctor.stdout.includes("WRONG") ? 1 : 0);
    return doctor.stdout;
  };
  const without =
    (pattern: RegExp): ((lines: string) => string) =>
    (lines) =>
      lines.replace(pattern, "");
  const withLine =
    (line: string): ((lines: string) => string) =>
    (lines) =>
      lines.replace(/(proxy_pass [^;]+;)/, `$1\n${line}\n`);

  test("finds nothing wrong with the lines of the documentation", async () => {
    const said = await examine((lines) => lines);
    expect(said.match(/^ok /gm)).toHaveLength(5);
    expect(said).not.toContain("WRONG");
  });

  // Side by side: each watches a stream for a while.
  test.concurrent.each<[string, (lines: string) => string, RegExp]>([
    [
      "Upgrade",
      without(/proxy_set_header +Upgrade[^;]+;/),
      /WRONG +WebSocket: the proxy drops Upgrade or Connection/,
    ],
    [
      "Host",
      without(/proxy_set_header +Host[^;]+;/),
      /WRONG +Host: arrives as 127\.0\.0\.1:\d+ instead of localhost:\d+/,
    ],
    [
      "Origin",
      withLine('proxy_set_header Origin "";'),
      /WRONG +Origin: arrives as nothing instead of https:/,
    ],
    [
      "the scheme",
      without(/proxy_set_header +X-Forwarded-Proto[^;]+;/),
      /WRONG +X-Forwarded-Proto: .*takes the scheme for http/,
    ],
    ["the client", without(/proxy_set_header +X-Forwarded-For[^;]+;/), /WRONG +X-Forwarded-For: is missing/],
    [
      "the subprotocol",
      withLine('proxy_set_header Sec-WebSocket-Protocol "";'),
      /WRONG +WebSocket: .*drops Sec-WebSocket-Protocol/,
    ],
    [
      "the moment of each picture",
      withLine(
        "proxy_ignore_headers X-Accel-Buffering; proxy_buffering on; proxy_buffer_size 32k; proxy_buffers 8 32k;",
      ),
      /WRONG +MJPEG stream: .*(buffer|holds|waits)/,
    ],
    [
      "the assets",
      (lines) => lines.replace("location /cam/ {", "location ~ /assets/ { return 403; }\nlocation /cam/ {"),
      /WRONG +page: its script does not come \(status 403\)/,
    ],
  ])("says that a proxy drops %s", async (_, edit, sentence) => {
    expect(await examine(edit)).toMatch(sentence);
  });

  test("says that a proxy is not believed, and how the path is told", async () => {
    await using stranger = await startServer([]);
    const cut = (lines: string): string => lines.replace(/(proxy_pass +[^;]+);/, "$1/;");
    const said = await examine(cut, { program: stranger });
    expect(said).toMatch(
      /WRONG +X-Forwarded-For: comes from 127\.0\.0\.1, which is not believed: expected --trust-proxy 127\.0\.0\.1/,
    );
    expect(said).toMatch(/WRONG +path: .*expected --base-path \/cam\//);
    expect(said).toMatch(/WRONG +X-Forwarded-Proto/);
  });

  test("says what is wrong where nothing can be asked", async () => {
    expect(await examine((lines) => lines, { token: "another-token" })).toMatch(
      /WRONG +login: .*expected its token/,
    );
    expect(await examine((lines) => lines, { trusts: false })).toMatch(
      /WRONG +localhost:\d+: its certificate comes from/,
    );
    const port = await freePort();
    const doctor = new Program(["doctor", "--url", `http://127.0.0.1:${port}`]);
    expect(await doctor.end()).toBe(1);
    expect(doctor.stdout).toMatch(/WRONG +127\.0\.0\.1:\d+: nobody listens/);
  });
});
