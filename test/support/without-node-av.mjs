// For `node --import`: a machine on which node-av was not installed, because npm has none for it or was told to leave it.
import { register } from "node:module";

const hook = `export async function resolve(specifier, context, next) {
  if (!/^(node-av|@seydx\\/node-av)/.test(specifier)) return next(specifier, context);
  throw Object.assign(new Error("Cannot find package 'node-av'"), { code: "ERR_MODULE_NOT_FOUND" });
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
