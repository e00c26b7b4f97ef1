import { type Desk, DeskError, type DeskSeat, type ShareFacts } from "../server/access/desk.ts";
import type { Share, ShareWish } from "../server/access/share.ts";

/** One question to the desk of the process that decides. */
export type DeskCall =
  | { readonly call: "share"; readonly wish: ShareWish }
  | { readonly call: "revoke"; readonly share: string }
  | { readonly call: "shares" }
  | { readonly call: "end"; readonly session: string; readonly untilMs: number }
  | { readonly call: "enter"; readonly share: string };

/** What nobody waits for an answer to. */
export type DeskNotice =
  | { readonly call: "leave"; readonly share: string }
  | { readonly call: "failed"; readonly address: string };

/** The answer to a {@link DeskCall}: its value, or why not. */
export interface DeskAnswer {
  readonly value?: unknown;
  readonly error?: string | undefined;
}

/** The desk as a worker has it: in the process that started the worker. Without that process, the worker ends too. */
export class FarDesk implements Desk {
  readonly #ask: (question: number, call: DeskCall) => void;
  readonly #notify: (notice: DeskNotice) => void;
  readonly #waiting = new Map<number, (answer: DeskAnswer) => void>();
  #last = 0;

  /** `ask` and `notify` put their word on the way. */
  constructor(ask: (question: number, call: DeskCall) => void, notify: (notice: DeskNotice) => void) {
    this.#ask = ask;
    this.#notify = notify;
  }

  /** An answer came. */
  answer(question: number, answer: DeskAnswer): void {
    const resolve = this.#waiting.get(question);
    this.#waiting.delete(question);
    resolve?.(answer);
  }

  share(wish: ShareWish): Promise<Share> {
    return this.#call<Share>({ call: "share", wish });
  }

  revoke(share: string): Promise<boolean> {
    return this.#call<boolean>({ call: "revoke", share });
  }

  shares(): Promise<readonly ShareFacts[]> {
    return this.#call<readonly ShareFacts[]>({ call: "shares" });
  }

  async end(session: string, untilMs: number): Promise<void> {
    await this.#call({ call: "end", session, untilMs });
  }

  enter(share: string): Promise<boolean> {
    return this.#call<boolean>({ call: "enter", share });
  }

  leave(share: string): void {
    this.#notify({ call: "leave", share });
  }

  failed(address: string): void {
    this.#notify({ call: "failed", address });
  }

  async #call<Value>(call: DeskCall): Promise<Value> {
    const question = ++this.#last;
    const { value, error } = await new Promise<DeskAnswer>((resolve) => {
      this.#waiting.set(question, resolve);
      this.#ask(question, call);
    });
    if (error !== undefined) throw new DeskError(error);
    return value as Value;
  }
}

/** Answer a worker's question at its seat. */
export async function answerDesk(seat: DeskSeat, call: DeskCall): Promise<DeskAnswer> {
  try {
    return { value: await dispatch(seat, call) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Take a worker's word at its seat. */
export function noteAtDesk(seat: DeskSeat, notice: DeskNotice): void {
  if (notice.call === "leave") seat.leave(notice.share);
  else seat.failed(notice.address);
}

function dispatch(seat: DeskSeat, call: DeskCall): Promise<unknown> {
  switch (call.call) {
    case "share":
      return seat.share(call.wish);
    case "revoke":
      return seat.revoke(call.share);
    case "shares":
      return seat.shares();
    case "end":
      return seat.end(call.session, call.untilMs);
    case "enter":
      return seat.enter(call.share);
  }
}
