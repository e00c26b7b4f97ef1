/**
 * Carries frames between programs: the ports, the bus inside one process, and the bus over a local socket. The bus over NATS is
 * imported by itself, by those who use it.
 * @module
 */

export { type FrameOutlet, Receiver, type ReceiverOutlet } from "../hub/index.ts";
export { type Address, formatAddress, type LocalAddress, netOptions, parseAddress } from "./address.ts";
export type {
  Bus,
  OfferedFrame,
  Publication,
  PublisherEvents,
  SubscriberEvents,
  Subscription,
  TrackCounts,
  TrackFigures,
} from "./bus.ts";
export { answerControl, ControlCalls, ControlError } from "./control-calls.ts";
export { LingeringDemand } from "./lingering-demand.ts";
export { MemoryBus } from "./memory-bus.ts";
export { PacketSocket } from "./packet-socket.ts";
export { SocketBus, type SocketBusEvents } from "./socket-bus.ts";
export { takeOver } from "./take-over.ts";
export { AGE_BOUNDS_SECONDS } from "./track-counters.ts";
export { distrustFolder } from "./trusted-path.ts";
