import { type Address, SocketBus } from "../bus/index.ts";
import type { Program } from "./program.ts";

/** A bus to the mapper at `address`, its comings and goings in the log. */
export function linkToMapper(
  address: Address,
  log: Program["log"],
  options: { readonly subscribes: boolean },
): SocketBus {
  return new SocketBus(
    address,
    {
      connected: () => log.info("connected to the mapper"),
      lost: (reason) => log.warn(`no connection to the mapper: ${reason}; trying again until it is there`),
    },
    options,
  );
}
