import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { systemReason } from "../system/system-reason.ts";
import { UsageError } from "./usage-error.ts";

/** Largest file that is read, in bytes. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** What others may do with a file. */
const OTHERS = 0o077;

/** A folder for secrets, which nobody but this user reads: mode 0700, its files 0600. */
export class PrivateFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Open the folder, made if it is not there.
   * @throws UsageError if it is a link, another user's, or cannot be made
   */
  static open(path: string): PrivateFolder {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const facts = lstatSync(path);
      if (facts.isSymbolicLink())
        throw new UsageError(`${path} is a symbolic link: expected a folder of yours`);
      if (!facts.isDirectory()) throw new UsageError(`${path} is no folder: expected one of yours`);
      checkOwner(path, facts);
      if ((facts.mode & OTHERS) !== 0 && process.platform !== "win32") chmodSync(path, 0o700);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        `${path} cannot be made: ${systemReason(error)}: expected a folder of yours (HELLO_STATE names another)`,
      );
    }
    return new PrivateFolder(path);
  }

  /** Where a file is. */
  path(name: string): string {
    return join(this.#path, name);
  }

  /**
   * The text of a file; `undefined` if there is none.
   * @throws UsageError if it is a link, another user's, or others may read it
   */
  read(name: string): string | undefined {
    const path = this.path(name);
    let file: number;
    try {
      file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      if (code === "ELOOP") throw new UsageError(`${path} is a symbolic link: expected a file of yours`);
      throw new UsageError(`${path} cannot be read: ${systemReason(error)}: expected a file of yours`);
    }
    try {
      const facts = fstatSync(file);
      if (!facts.isFile()) throw new UsageError(`${path} is no file: expected one of yours`);
      checkOwner(path, facts);
      if ((facts.mode & OTHERS) !== 0 && process.platform !== "win32") {
        throw new UsageError(
          `${path} can be read by others: expected mode 0600 (delete it, and a new one is made)`,
        );
      }
      if (facts.size > MAX_FILE_BYTES)
        throw new UsageError(`${path} is too large: expected a file made here`);
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  }

  /**
   * Write a file, whole or not at all.
   * @throws UsageError if it cannot be written
   */
  write(name: string, text: string): void {
    const path = this.path(name);
    const draft = `${path}.${process.pid}`;
    try {
      rmSync(draft, { force: true });
      // "wx": a file or a link that somebody has put there is not written through.
      writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
      renameSync(draft, path);
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${systemReason(error)}`);
    }
  }
}

function checkOwner(path: string, { uid }: Stats): void {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) {
    throw new UsageError(`${path} belongs to another user (${uid}): expected one of yours (${own})`);
  }
}
