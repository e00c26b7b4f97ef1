/**
 * Another server's cameras, put on a bus of this one.
 * @module
 */
export { type RelayLog, type RelayOptions, relay } from "./relay.ts";
