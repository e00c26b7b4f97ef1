/** Names under which a browser reaches this machine and no other. */
const LOOPBACK_NAME = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === "::1";
}

/** Whether a Host header addresses this machine by a name that is no other's. */
export function isAddressedToLoopback(host: string | undefined): boolean {
  const name = host?.replace(/:\d*$/, "");
  return name !== undefined && LOOPBACK_NAME.test(name);
}
