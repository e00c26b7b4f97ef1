import type { Role } from "../../../protocol/index.ts";

/** Who looks at the page, as the server sees it. */
export interface Who {
  /** Absent: nobody that it knows. */
  readonly role?: Role;
  /** Name of a user. */
  readonly user?: string;
  /** The only cameras that one sees; absent: all. */
  readonly cameras?: readonly string[];
  /** When the access ends, in ISO 8601; absent: never. */
  readonly endsAt?: string;
  /** There is a session that can be ended. */
  readonly session?: boolean;
  /** Others can be given access with a link. */
  readonly shares?: boolean;
  /** Without a role: one can log in by name. */
  readonly users?: boolean;
}

/** Ask the server who one is; `undefined` if it does not answer, or knows no such question. */
export async function askWho(): Promise<Who | undefined> {
  try {
    const response = await fetch("session");
    return response.ok ? ((await response.json()) as Who) : undefined;
  } catch {
    return undefined;
  }
}

/** Tell the server something, as JSON. @throws an error whose message is a sentence for people */
export async function tell(method: "POST" | "DELETE", address: string, body?: unknown): Promise<Response> {
  const init =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch {
    throw new Error("The server does not answer");
  }
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(sentence(error ?? `The server answers with status ${response.status}`));
}

/** A sentence of the server, as one stands alone. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
