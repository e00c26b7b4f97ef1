import type { Surroundings } from "../server/outside.ts";
import type { KeyPairFiles } from "../server/tls/key-pair.ts";
import { DOOR_OPTIONS } from "./door-options.ts";
import type { Option } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** How connections are made secure: not at all, by a certificate of this machine's own, or by one in files. */
export type TlsConfig =
  | { readonly mode: "off" }
  | { readonly mode: "auto" }
  | { readonly mode: "files"; readonly files: KeyPairFiles };

/** What the user decided of who comes to the server, and how. */
export interface DoorConfig {
  readonly tls: TlsConfig;
  readonly surroundings: Surroundings;
}

/**
 * Put it together from what `value` finds of each option.
 * @throws UsageError where options contradict one another
 */
export function readDoor(value: <T>(option: Option<T>) => T | undefined): DoorConfig {
  return {
    tls: tls(value(DOOR_OPTIONS.tls), value(DOOR_OPTIONS.tlsCert), value(DOOR_OPTIONS.tlsKey)),
    surroundings: {
      basePath: value(DOOR_OPTIONS.basePath) ?? "/",
      proxies: value(DOOR_OPTIONS.trustProxy) ?? [],
    },
  };
}

function tls(mode: "auto" | "off" | undefined, cert: string | undefined, key: string | undefined): TlsConfig {
  if (cert === undefined && key === undefined) return { mode: mode ?? "off" };
  if (mode === "off") return { mode };
  if (mode === "auto") {
    throw new UsageError(
      "--tls auto makes a certificate of its own: expected no --tls-cert and no --tls-key beside it",
    );
  }
  if (cert === undefined)
    throw new UsageError("--tls-key needs its certificate: expected --tls-cert FILE too");
  if (key === undefined)
    throw new UsageError("--tls-cert needs its private key: expected --tls-key FILE too");
  return { mode: "files", files: { cert, key } };
}
