/**
 * Another server's cameras, put on a bus of this one.
 * @module
 */
export { type RelayOptions, relay } from "./relay.ts";
