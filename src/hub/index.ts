/**
 * A hub's side of its receivers: who gets which frame, and when. Pure code, for servers, mappers and browsers.
 * @module
 */
export type { FrameOutlet } from "./feed.ts";
export { Receiver, type ReceiverOutlet } from "./receiver.ts";
export type { SubscriberEvents, Subscription, Tracks } from "./tracks.ts";
