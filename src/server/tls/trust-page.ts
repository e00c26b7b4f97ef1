import { createHash, X509Certificate } from "node:crypto";
import type { ServerResponse } from "node:http";

const STYLE = `
:root { color-scheme: dark light; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
a.get { display: inline-block; padding: .6rem 1.2rem; border-radius: .5rem; background: #2563eb; color: #fff; text-decoration: none; }
code { overflow-wrap: anywhere; }
summary { font-weight: 600; padding: .4rem 0; cursor: pointer; }
`;

/** An answer of the page, ready to be sent. */
interface Answer {
  readonly type: string;
  readonly body: string | Buffer;
}

/**
 * The page that helps people to trust this machine's authority: its certificate, and how each kind of device takes it. It needs no
 * login, for it holds nothing that a handshake does not show, and it is there without https too: before a device trusts
 * the authority, https to this server is a warning.
 */
export class TrustPage {
  /** SHA-256 of the authority's certificate, as devices show it. */
  readonly fingerprint: string;
  readonly #answers: ReadonlyMap<string, Answer>;

  /** `authority` in PEM. */
  constructor(authority: string) {
    const { raw, subject, fingerprint256 } = new X509Certificate(authority);
    this.fingerprint = fingerprint256;
    const name = /^CN=(.*)$/m.exec(subject)?.[1]?.replace(/\\(.)/g, "$1") ?? "hello-websocket";
    this.#answers = new Map<string, Answer>([
      ["/trust", { type: "text/html; charset=utf-8", body: page(name, fingerprint256) }],
      ["/trust/hello-websocket.crt", { type: "application/x-x509-ca-cert", body: raw }],
      ["/trust/hello-websocket.pem", { type: "application/x-pem-file", body: authority }],
    ]);
  }

  /** Where it is, and what it offers. */
  get paths(): readonly string[] {
    return [...this.#answers.keys()];
  }

  /** Answer a request for one of its paths. Whether it was one. */
  answer(
    request: { readonly method?: string | undefined; readonly url?: string | undefined },
    response: ServerResponse,
  ): boolean {
    const answer = this.#answers.get(pathOf(request.url ?? "/"));
    if (answer === undefined || (request.method !== "GET" && request.method !== "HEAD")) return false;
    const { type, body } = answer;
    response.writeHead(200, {
      "Content-Type": type,
      "Content-Length": Buffer.byteLength(body),
      "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  }
}

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

function pathOf(url: string): string {
  const path = url.split("?")[0] ?? url;
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function page(name: string, fingerprint: string): string {
  // Addresses are relative to `trust`, so that the page works below a path of another server.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this camera server</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Trust this camera server</h1>
<p>Its certificate comes from an authority of its own, which no browser knows. Once a device trusts that authority, the lock is
closed and the camera plays at its best, without a warning. The authority can speak for private networks and for this machine only.</p>
<p><a class="get" href="trust/hello-websocket.crt">Get the certificate</a></p>
<p>Its name is <b>${escapeHtml(name)}</b>. Before you trust it, compare its SHA-256 fingerprint with the one in the server's terminal:</p>
<p><code>${fingerprint}</code></p>
<details><summary>iPhone, iPad</summary><ol>
<li>Open this page in Safari, tap <i>Get the certificate</i>, then <i>Allow</i>.</li>
<li>Settings: <i>Profile Downloaded</i> (at the top), <i>Install</i>.</li>
<li>Settings, General, About, <i>Certificate Trust Settings</i>: switch on <i>${escapeHtml(name)}</i>.</li>
</ol></details>
<details><summary>Android</summary><ol>
<li>Tap <i>Get the certificate</i> and keep the file.</li>
<li>Settings: search for <i>CA certificate</i> (Security, Encryption &amp; credentials, Install a certificate), choose <i>CA certificate</i>, then the file.</li>
</ol></details>
<details><summary>Windows</summary><ol>
<li>Get the certificate, open it, <i>Install Certificate</i>, <i>Current User</i>.</li>
<li><i>Place all certificates in the following store</i>: <i>Trusted Root Certification Authorities</i>.</li>
</ol></details>
<details><summary>macOS</summary><ol>
<li>Get the certificate and open it: it goes to the login keychain.</li>
<li>Open it there; under <i>Trust</i> choose <i>Always Trust</i>.</li>
</ol></details>
<details><summary>Linux</summary>
<p>Chromium: Settings, Privacy and security, Security, Manage certificates, and import it as an authority; or</p>
<p><code>certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n hello-websocket -i hello-websocket.crt</code></p>
<p>Programs such as curl: <code>curl --cacert hello-websocket.pem</code>, with <a href="trust/hello-websocket.pem">the same in PEM</a>.</p>
</details>
<details><summary>Firefox</summary><ol>
<li>Settings, Privacy &amp; Security, <i>View Certificates</i>, Authorities, <i>Import</i>; tick <i>identify websites</i>.</li>
</ol></details>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
