import { chmod, lstat, mkdir, unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import {
  distrustFolder,
  formatAddress,
  type LocalAddress,
  type MemoryBus,
  netOptions,
} from "../bus/index.ts";
import { Limits } from "../protocol/index.ts";
import { systemReason } from "../system/system-reason.ts";
import { Peer } from "./peer.ts";

/** What the mapper tells its owner's log. */
export interface MapperLog {
  /** A peer was closed; why. */
  warn(message: string): void;
}

/** Where a mapper listens, what it serves, and until when. */
export interface MapperOptions {
  readonly address: LocalAddress;
  /** The cameras: other parts of this process may use it too. */
  readonly bus: MemoryBus;
  readonly log: MapperLog;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** A mapper that listens. */
export interface RunningMapper {
  /** Where; with the real port where 0 was asked for. */
  readonly address: LocalAddress;
  /** Resolves when it has stopped: all peers are told and closed. */
  readonly stopped: Promise<void>;
}

/** The address is taken by another mapper that answers, or cannot be used. The message is one sentence. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/**
 * Run a mapper: accept programs on the local socket, and let each put cameras on the bus or take them from it.
 * @throws AddressError if it cannot listen there
 */
export async function run(options: MapperOptions): Promise<RunningMapper> {
  const { bus, log, signal } = options;
  const peers = new Set<Peer>();
  let left = (): void => {};
  const server = createServer((socket: Socket) => {
    if (peers.size >= Limits.MAX_PEERS) {
      log.warn(`a program was refused: ${Limits.MAX_PEERS} are connected already`);
      socket.destroy();
      return;
    }
    const peer = new Peer(bus, socket, (reason, fault) => {
      peers.delete(peer);
      left();
      if (fault) log.warn(`a program on the local socket was closed: ${reason}`);
    });
    peers.add(peer);
  });
  const address = await listen(server, options.address);
  const stopped = new Promise<void>((resolve) => {
    const stop = (): void => {
      // The server counts no connection that was taken over.
      left = () => {
        if (peers.size === 0 && !server.listening) resolve();
      };
      server.close(left);
      for (const peer of peers) peer.close();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  return { address, stopped };
}

async function listen(server: Server, address: LocalAddress): Promise<LocalAddress> {
  if (address.kind === "path" && process.platform !== "win32") await clearPath(address);
  // The socket file must never be open to others, not even between bind and chmod.
  const mask = process.platform === "win32" ? undefined : process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(netOptions(address), () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw new AddressError(`cannot listen on ${formatAddress(address)}: ${systemReason(error)}`);
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  if (address.kind === "path") {
    if (process.platform !== "win32") await chmod(address.path, 0o600);
    return address;
  }
  const bound = server.address();
  return { ...address, port: typeof bound === "object" && bound !== null ? bound.port : address.port };
}

/** Make the folder, and take away the socket that a killed mapper left behind; never one that answers, never a file. */
async function clearPath(address: Extract<LocalAddress, { kind: "path" }>): Promise<void> {
  await mkdir(dirname(address.path), { recursive: true, mode: 0o700 });
  const reason = distrustFolder(address.path);
  if (reason !== undefined) throw new AddressError(reason);
  const found = await lstat(address.path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new AddressError(`${address.path} is there already and is no socket`);
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connect(address.path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (answers) throw new AddressError(`another mapper is listening on ${formatAddress(address)}`);
  await unlink(address.path).catch(() => undefined);
}
