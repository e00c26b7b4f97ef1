import { randomBytes } from "node:crypto";

/** Names this server among hubs, for as long as it runs: frames that have come through it once must not come again. */
export const HUB: string = randomBytes(9).toString("hex");
