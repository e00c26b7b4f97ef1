import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileWatch, foldersOnTheWay } from "./file-watch.ts";

let folder: string;
const watches: FileWatch[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "hello-watch-")));
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const at = (...names: string[]): string => join(folder, ...names);
const write = (path: string, text: string): string => {
  writeFileSync(path, text);
  return path;
};
/** Counts what is told of a file. */
const follow = (path: string): { times: number } => {
  const told = { times: 0 };
  watches.push(new FileWatch(path, () => told.times++));
  return told;
};
const toldOnce = (told: { times: number }, times = 1): Promise<void> =>
  vi.waitFor(() => expect(told.times).toBe(times), { timeout: 20_000, interval: 10 });

/** A folder as Kubernetes mounts a ConfigMap: the files are links through a link, which is swapped. */
function publish(name: string, text: string): void {
  mkdirSync(at("map", name), { recursive: true });
  write(at("map", name, "hello.yaml"), text);
  symlinkSync(name, at("map", "..data_tmp"));
  renameSync(at("map", "..data_tmp"), at("map", "..data"));
}

test("a file that is written is told, once for all that happens in a moment", async () => {
  const told = follow(write(at("hello.yaml"), "a"));
  write(at("hello.yaml"), "");
  write(at("hello.yaml"), "b: 1");
  await toldOnce(told);
  write(at("hello.yaml"), "c: 22");
  await toldOnce(told, 2);
});

test("another file in its place is told, as editors put it there; other files are not", async () => {
  const told = follow(write(at("hello.yaml"), "a"));
  for (let n = 0; n < 20; n++) write(at(`other-${n}`), "x");
  write(at(".hello.yaml.swp"), "b");
  renameSync(at(".hello.yaml.swp"), at("hello.yaml"));
  await toldOnce(told);
  // With a moment without any.
  renameSync(at("hello.yaml"), at("hello.yaml~"));
  write(at("hello.yaml"), "c");
  await toldOnce(told, 2);
});

test("a file that was not there, or goes, is told", async () => {
  const told = follow(at("hello.yaml"));
  write(at("hello.yaml"), "a");
  await toldOnce(told);
  unlinkSync(at("hello.yaml"));
  await toldOnce(told, 2);
});

test("a link in a folder on the way that is swapped is told, again and again", async () => {
  mkdirSync(at("map"));
  publish("..one", "a");
  symlinkSync(join("..data", "hello.yaml"), at("map", "hello.yaml"));
  symlinkSync(at("map", "hello.yaml"), at("mine.yaml"));
  const told = follow(at("mine.yaml"));
  publish("..two", "b");
  await toldOnce(told);
  rmSync(at("map", "..one"), { recursive: true });
  publish("..three", "c");
  await toldOnce(told, 2);
  // And written in place, behind all links.
  write(at("map", "..three", "hello.yaml"), "dd");
  await toldOnce(told, 3);
});

test("the folders on the way are those of every link, and of the file", () => {
  mkdirSync(at("map"));
  publish("..one", "a");
  symlinkSync(join("..data", "hello.yaml"), at("map", "hello.yaml"));
  mkdirSync(at("home"));
  symlinkSync(join("..", "map", "hello.yaml"), at("home", "mine.yaml"));
  expect(foldersOnTheWay(at("home", "mine.yaml"))).toEqual([at("home"), at("map"), at("map", "..one")]);
  expect(foldersOnTheWay(at("map", "..one", "hello.yaml"))).toEqual([at("map", "..one")]);
  expect(foldersOnTheWay(at("nowhere", "hello.yaml"))).toEqual([at("nowhere")]);
  symlinkSync("circle", at("circle"));
  expect(foldersOnTheWay(at("circle"))).toEqual([folder]);
});
