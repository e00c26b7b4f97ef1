/**
 * Carries frames between programs: the ports, the bus inside one process, and the bus over a local socket. The bus over NATS is
 * imported by itself, by those who use it.
 * @module
 */
export { type Address, formatAddress, type LocalAddress, netOptions, parseAddress } from "./address.ts";
export type {
  Bus,
  OfferedFrame,
  Publication,
  PublisherEvents,
  SubscriberEvents,
  Subscription,
  TrackFigures,
} from "./bus.ts";
export { answerControl, ControlCalls, ControlError } from "./control-calls.ts";
export type { FrameOutlet } from "./feed.ts";
export { MemoryBus } from "./memory-bus.ts";
export { PacketSocket } from "./packet-socket.ts";
export { Receiver, type ReceiverOutlet } from "./receiver.ts";
export { SocketBus, type SocketBusEvents } from "./socket-bus.ts";
