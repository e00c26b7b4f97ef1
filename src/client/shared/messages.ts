/**
 * What pages and tabs say to the hub that they share, beside the protocol itself: on a tab's port, text and bytes are messages
 * of `hello.v1`, as they would be on its WebSocket; frames come as an array of those that there are at a time.
 */

/** As much of a `MessagePort` as a tab's conversation needs. */
export interface TabPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** A page to the hub, with a port for what follows: here is a tab. While the lock of this name is held, it lives. */
export interface TabOpening {
  readonly type: "tab";
  readonly lock?: string | undefined;
}

/** A page to the hub: it leaves. */
export interface TabLeaving {
  readonly type: "bye";
}

/** A tab to the hub, with a port for the conversation: connect me to this address. */
export interface Connecting {
  readonly type: "connect";
  readonly url: string;
}

/** First on a tab's port: the hub has it. */
export interface Opened {
  readonly opened: true;
}

/** Last on a tab's port, from either side: why it ends, in the words of a WebSocket. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}
