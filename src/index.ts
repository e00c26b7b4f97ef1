/**
 * The Node side for programs that bring their own parts: put frames on a bus, serve them, or run the whole in one
 * process. Importing it does nothing.
 * @module
 */
export * from "./bus/index.ts";
export * as Mapper from "./mapper/mapper.ts";
export * from "./protocol/index.ts";
export * as Recorder from "./recorder/index.ts";
export * as Server from "./server/server.ts";
