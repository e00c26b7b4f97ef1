/** As much of a WebSocket as a connection needs, so that a test can stand in for one. */
export interface Socket {
  binaryType: BinaryType;
  readonly readyState: number;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** Opens a socket. */
export type OpenSocket = (url: string, protocol: string) => Socket;

/** A real one. */
export const openWebSocket: OpenSocket = (url, protocol) => new WebSocket(url, protocol) as Socket;

/** The close code as a browser may send it: of the registered ones only 1000 is open to a page. */
export function closeCode(code: number): number {
  return code >= 3000 && code <= 4999 ? code : 4400;
}
