import type { Socket } from "../../src/client/socket.ts";
import { Control } from "../../src/protocol/index.ts";

/** The server's end of a socket that only exists in memory. */
export class FakeSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 0;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  readonly sent: (string | Uint8Array)[] = [];
  closedWith: number | undefined;

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  /** Control messages that came, without the questions for the time. */
  get control(): Control.Control[] {
    return this.sent
      .filter((data) => typeof data === "string")
      .map(Control.decode)
      .filter(({ type }) => type !== "time");
  }

  accept(): void {
    this.readyState = 1;
    this.tell({ type: "hello", version: 1 });
  }

  tell(message: Control.Control): void {
    this.say(Control.encode(message));
  }

  say(data: unknown): void {
    this.onmessage?.({ data });
  }

  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}
