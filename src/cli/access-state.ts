import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { MainDesk } from "../server/access/desk.ts";
import { keptText, Ledger, readKept } from "../server/access/ledger.ts";
import { KEY_BYTES } from "../server/access/seal.ts";
import type { Config } from "./config.ts";
import type { PrivateFolder } from "./private-folder.ts";
import { openStateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

/** Bytes of a token that is made here. */
const TOKEN_BYTES = 18;

/** What a token looks like that was made here, or put in its place. */
const TOKEN = /^[\w.~-]{8,256}$/;

/** Who has access to the server, as it was kept and as the user wants it. */
export interface AccessState {
  /** Opens the server; absent where none is needed. */
  readonly token: string | undefined;
  /** The token was made just now: nobody has seen it. */
  readonly isNew: boolean;
  /** Everybody must say who they are. */
  readonly closed: boolean;
  readonly key: Buffer;
  /** Tells this server from others of this user. */
  readonly name: string;
  readonly desk: MainDesk;
}

/**
 * Find out who has access. A server on loopback with neither token nor users needs nothing that is kept.
 * @throws UsageError if what is kept cannot be trusted, or cannot be kept
 */
export function openAccessState(
  config: Config,
  environment: NodeJS.ProcessEnv,
  log: Pick<Logger, "error">,
): AccessState {
  const { open, users, port } = config;
  const name = String(port);
  const closed = open || config.token !== undefined || users.length > 0;
  if (!closed) {
    const desk = new MainDesk(new Ledger());
    return { token: undefined, isNew: false, closed, key: randomBytes(KEY_BYTES), name, desk };
  }
  const folder = openStateFolder(environment);
  const kept = config.token ?? keptToken(folder);
  const isNew = kept === undefined && open;
  const token = isNew ? makeToken(folder) : kept;
  const sharesFile = `shares-${port}.json`;
  const ledger = new Ledger({ users, ...keptAccess(folder, sharesFile) });
  ledger.tidy(Date.now());
  const save = (): void => {
    try {
      folder.write(sharesFile, keptText(ledger.content()));
    } catch (error) {
      log.error((error as Error).message);
    }
  };
  return { token, isNew, closed, key: keptKey(folder), name, desk: new MainDesk(ledger, save) };
}

/** Make a token in the place of the one that is kept, if any. @throws UsageError */
export function makeToken(folder: PrivateFolder): string {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  folder.write("token", `${token}\n`);
  return token;
}

/** The token that was made here earlier, if any. @throws UsageError if it cannot be trusted */
export function keptToken(folder: PrivateFolder): string | undefined {
  const token = folder.read("token")?.trim();
  if (token === undefined || TOKEN.test(token)) return token;
  throw new UsageError(`${folder.path("token")} holds no token: delete it, and a new one is made`);
}

function keptKey(folder: PrivateFolder): Buffer {
  const text = folder.read("key")?.trim();
  if (text === undefined) {
    const key = randomBytes(KEY_BYTES);
    folder.write("key", `${key.toString("base64url")}\n`);
    return key;
  }
  const key = Buffer.from(text, "base64url");
  if (key.byteLength === KEY_BYTES) return key;
  throw new UsageError(`${folder.path("key")} holds no key: delete it, and a new one is made`);
}

function keptAccess(folder: PrivateFolder, file: string): ReturnType<typeof readKept> {
  const text = folder.read(file);
  if (text === undefined) return undefined;
  const kept = readKept(text);
  if (kept !== undefined) return kept;
  throw new UsageError(`${folder.path(file)} is damaged: delete it, and the share links with it`);
}
