import { type Address, type Bus, SocketBus } from "../bus/index.ts";
import type { Program } from "./program.ts";

/** A bus to programs elsewhere. */
export type LinkedBus = Bus & {
  readonly isConnected: boolean;
  /** Nobody shall list a camera any longer whose recorder has ended. No effect while one feeds it. */
  forget(id: string): void;
};

/** Why a server on such a bus cannot serve now; `undefined`: it can. */
export function unready(bus: LinkedBus): string | undefined {
  return bus.isConnected ? undefined : "there is no connection to the mapper";
}

/** What is asked of a link. */
export interface LinkOptions {
  readonly subscribes: boolean;
  /** Called when it is known which cameras there are, or that nobody can say. */
  readonly settled?: () => void;
}

/** Milliseconds for the cameras on NATS to say that they are there, before it counts as known which there are. */
const ROLL_MS = 300;

/**
 * A bus to the mapper at `address`, or to NATS; its comings and goings in the log.
 * @throws NatsError if NATS refuses this program
 */
export async function linkToMapper(
  address: Address,
  log: Program["log"],
  options: LinkOptions,
): Promise<LinkedBus> {
  if (address.kind === "nats") {
    // Only here: its client library is loaded by those who use it.
    const { NatsBus } = await import("../bus/nats-bus.ts");
    const bus = await NatsBus.open(
      address,
      {
        connected: () => log.info("connected to NATS"),
        lost: (reason) => log.warn(`${reason}; trying again until it is there`),
        forbidden: (reason) => log.warn(reason),
      },
      options,
    );
    setTimeout(() => options.settled?.(), ROLL_MS);
    return bus;
  }
  return new SocketBus(
    address,
    {
      connected: () => log.info("connected to the mapper"),
      listed: () => options.settled?.(),
      lost: (reason) => {
        log.warn(`no connection to the mapper: ${reason}; trying again until it is there`);
        options.settled?.();
      },
    },
    options,
  );
}
