import type { IncomingHttpHeaders } from "node:http";

/** The cookie that holds a session. Browsers mix the cookies of all ports of a host, so its name tells the server's. */
export class SessionCookie {
  readonly #name: string;

  constructor(server: string) {
    this.#name = `hello_session_${server}`;
  }

  /** What a browser sent; `undefined` if nothing. */
  read({ cookie }: IncomingHttpHeaders): string | undefined {
    for (const pair of (cookie ?? "").split(/; */)) {
      const equals = pair.indexOf("=");
      if (pair.slice(0, equals) === this.#name) return pair.slice(equals + 1);
    }
    return undefined;
  }

  /**
   * The header that sets it. No script can read it, and no page of another site has it sent along but by a link. `secure`: over
   * https, where it then stays.
   */
  write(value: string, endsAtMs: number, secure: boolean): string {
    const seconds = Math.max(0, Math.round((endsAtMs - Date.now()) / 1000));
    return `${this.#name}=${value}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${seconds}${secure ? "; Secure" : ""}`;
  }

  /** The header that takes it away. */
  clear(secure: boolean): string {
    return this.write("", 0, secure);
  }
}
