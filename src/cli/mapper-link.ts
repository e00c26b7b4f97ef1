import { type Address, SocketBus } from "../bus/index.ts";
import type { Program } from "./program.ts";

/** Why a server on such a bus cannot serve now; `undefined`: it can. */
export function unready(bus: SocketBus): string | undefined {
  return bus.isConnected ? undefined : "there is no connection to the mapper";
}

/** A bus to the mapper at `address`, its comings and goings in the log. */
export function linkToMapper(
  address: Address,
  log: Program["log"],
  options: {
    readonly subscribes: boolean;
    /** Called when it is known which cameras there are, or that the mapper cannot say. */
    readonly settled?: () => void;
  },
): SocketBus {
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
