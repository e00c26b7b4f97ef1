import type { SchemaName } from "./schemas.ts";

/** What an answer of one status is. */
export interface Answer {
  readonly description: string;
  /** By media type: the shape of JSON, or that it is text or bytes. */
  readonly content: Readonly<Record<string, SchemaName | "text" | "bytes">>;
  /** Headers that it has, each with what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A parameter behind the `?` of an address. All may be left out. */
export interface Query {
  readonly name: string;
  readonly description: string;
  readonly pattern?: string;
}

/** What a route is for, in the words of the document. */
export interface Operation {
  readonly tag: "cameras" | "access" | "operations" | "page" | "drop-in";
  readonly summary: string;
  readonly query?: readonly Query[];
  /** The shape of the request's body. */
  readonly body?: SchemaName;
  /** By status. How who may not do it is turned away is said for all of them by what the route needs. */
  readonly answers: Readonly<Record<number, Answer>>;
}

/** An answer in JSON. */
export function json(schema: SchemaName, description: string): Answer {
  return { description, content: { "application/json": schema } };
}

/** That something went wrong, and what. */
export function problem(description: string): Answer {
  return json("Error", description);
}

/** An answer without a body. */
export function nothing(description: string, headers: Answer["headers"] = {}): Answer {
  return { description, content: {}, headers };
}

/** Who fails too often to say who it is must wait. */
export const WAIT: Answer = {
  ...problem("too many failed attempts from this address"),
  headers: { "Retry-After": "seconds until the next attempt" },
};

/** An answer of bytes. */
export function bytes(type: string, description: string, headers: Answer["headers"] = {}): Answer {
  return { description, content: { [type]: "bytes" }, headers };
}

/** An answer for people. */
export function text(type: string, description: string): Answer {
  return { description, content: { [type]: "text" } };
}
