import { describe } from "vitest";
import { busContract } from "../../src/bus/bus.contract.ts";
import { parseNatsAddress } from "../../src/bus/nats-address.ts";
import { NatsBus } from "../../src/bus/nats-bus.ts";
import { startCluster, startNats } from "../support/nats-server.ts";
import { has } from "../support/tools.ts";

const QUIET = { connected: () => {}, lost: () => {}, forbidden: () => {} };

async function pairOn(url: string, end: () => Promise<void>) {
  const address = parseNatsAddress(url);
  const publisher = await NatsBus.open(address, QUIET, { subscribes: false });
  const rival = await NatsBus.open(address, QUIET, { subscribes: false });
  const subscriber = await NatsBus.open(address, QUIET, { subscribes: true });
  return {
    publisher,
    rival,
    subscriber,
    close: async () => {
      await publisher[Symbol.asyncDispose]();
      await rival[Symbol.asyncDispose]();
      await subscriber[Symbol.asyncDispose]();
      await end();
    },
  };
}

describe.skipIf(!has("nats-server", "--version"))("over nats-server", () => {
  busContract("NATS", async () => {
    const nats = await startNats();
    return pairOn(nats.url, () => nats.stop());
  });
  // Frames of the suite are longer than this, so they are cut and put together again.
  busContract("NATS with short messages", async () => {
    const nats = await startNats({ config: "max_payload: 40000" });
    return pairOn(nats.url, () => nats.stop());
  });
  busContract("a NATS cluster", async () => {
    const cluster = await startCluster();
    return pairOn(cluster.url, () => cluster.stop());
  });
});
