import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { issue, makeAuthority } from "./authority.ts";
import type { KeyPair } from "./key-pair.ts";
import type { OwnNames } from "./own-names.ts";
import { divide, scopeOf } from "./scope.ts";

const HOME: OwnNames = {
  names: ["localhost", "kitchen", "kitchen.local", "kitchen.example.org"],
  addresses: ["127.0.0.1", "192.168.0.7", "203.0.113.7", "2001:db8:1:2::7"],
};

let stop = (): void => {};
afterEach(() => stop());

/** What a client that trusts the authority thinks of a server with this certificate and name; `undefined`: all is well. */
async function refusal(authority: KeyPair, pair: KeyPair, servername: string): Promise<string | undefined> {
  const server = createServer({ cert: pair.cert, key: pair.key }).listen(0, "127.0.0.1");
  stop = () => server.close();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", ca: authority.cert, servername });
  const [error] = await new Promise<[Error?]>((resolve) => {
    socket.once("secureConnect", () => resolve([]));
    socket.once("error", (failure) => resolve([failure]));
  });
  socket.destroy();
  return error?.message;
}

describe("an authority", () => {
  test.each(HOME.names)("vouches for this machine as %s", async (name) => {
    const authority = await makeAuthority("test", scopeOf(HOME));
    expect(await refusal(authority, await issue(authority, HOME), name)).toBeUndefined();
  });

  test.each<[string, OwnNames]>([
    ["a name of others", { names: ["bank.example"], addresses: [] }],
    ["a neighbour in a public domain", { names: ["other.example.org"], addresses: [] }],
    ["a public address of others", { names: [], addresses: ["203.0.113.8"] }],
    ["a public network of others", { names: [], addresses: ["2001:db8:1:3::7"] }],
  ])("whose key is stolen is not believed for %s", async (_, stranger) => {
    const authority = await makeAuthority("test", scopeOf(HOME));
    const pair = await issue(authority, { ...stranger, names: ["localhost", ...stranger.names] });
    expect(await refusal(authority, pair, "localhost")).toBe("permitted subtree violation");
  });

  test("does not vouch for other authorities", async () => {
    const authority = await makeAuthority("test", scopeOf(HOME));
    const pair = await issue(authority, HOME);
    const forged = await issue(pair, HOME);
    const chain = { cert: forged.cert + pair.cert, key: forged.key };
    expect(await refusal(authority, chain, "localhost")).toMatch(/certificate signing/);
  });
});

test("a scope goes on with other private names and addresses, and with others of a public IPv6 network", () => {
  const later = {
    names: ["kitchen.lan", "cam.kitchen", "den"],
    addresses: ["10.0.0.1", "2001:db8:1:2::99", "203.0.113.8"],
  };
  const [inside, outside] = divide(scopeOf(HOME), later);
  expect(inside).toEqual({
    names: ["kitchen.lan", "cam.kitchen"],
    addresses: ["10.0.0.1", "2001:db8:1:2::99"],
  });
  expect(outside).toEqual(["den", "203.0.113.8"]);
});
