import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { CAMERA_OPTIONS, OPTIONS } from "../options.ts";
import { Faults } from "./faults.ts";
import { readConfigFile } from "./file.ts";
import { configSchema } from "./schema.ts";

type Json = Readonly<Record<string, unknown>>;

const text = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const schema = configSchema();
const matches = new Ajv({ allErrors: true }).compile(schema);
const HASH = "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-schema-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether the program takes a file. */
async function taken(content: string): Promise<boolean> {
  const path = join(folder, "hello.yaml");
  writeFileSync(path, content);
  const faults = new Faults();
  await readConfigFile(path, faults);
  return faults.count === 0;
}

test("the published schema is that of the code", () => {
  // If not: hello-websocket config --schema > docs/hello-websocket.schema.json && npm run format
  expect(JSON.parse(text("docs/hello-websocket.schema.json"))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test("every key says what it is, and every option is one", () => {
  const bare: string[] = [];
  const look = (node: Json, path: string): void => {
    for (const [key, value] of Object.entries((node["properties"] ?? {}) as Record<string, Json>)) {
      if (typeof value["description"] !== "string" || value["description"] === "")
        bare.push(`${path}.${key}`);
      look(value, `${path}.${key}`);
    }
    if (typeof node["additionalProperties"] === "object")
      look(node["additionalProperties"] as Json, `${path}.*`);
    for (const part of (node["anyOf"] ?? []) as Json[]) look(part, path);
  };
  look(schema, "");
  expect(bare).toEqual([]);
  const keys = [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)].map(({ key }) => key);
  expect(new Set(Object.keys(schema["properties"] as Json))).toEqual(new Set(["cameras", "users", ...keys]));
});

describe("what is written in the docs", () => {
  const examples = ["README.md", "docs/config.md"].flatMap((page) =>
    [...text(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = ""]) => [page, block] as const),
  );
  test("is there", () => expect(examples.length).toBeGreaterThanOrEqual(2));
  test.each(examples)("in %s is right", async (_, block) => {
    expect(matches(parse(block)), JSON.stringify(matches.errors)).toBe(true);
    expect(await taken(block)).toBe(true);
  });
});

test.each<[string, string]>([
  ["an unknown key", "prot: 1"],
  ["a port beyond", "port: 70000"],
  ["a text for a number", "rate: fast"],
  ["a bad id", "cameras: { Front: 'test:' }"],
  ["a camera without a source", "cameras: { a: { rate: 5 } }"],
  ["an unknown key of a camera", "cameras: { a: { source: 'test:', sice: 1x1 } }"],
  ["a plain password", "users: { a: { password: hunter22 } }"],
  ["an unknown role", `users: { a: { password: '${HASH}', role: root } }`],
  ["a list of cameras", "cameras: ['test:']"],
])("%s is marked in an editor, and refused", async (_, content) => {
  expect(matches(parse(content))).toBe(false);
  expect(await taken(content)).toBe(false);
});

test("what the program takes, the schema takes too", async () => {
  // Mostly right, so that whole files are.
  const mostly = (right: readonly unknown[], ...wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...right) },
      { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    );
  const settings = {
    rate: mostly([1, 240, 29.97, "5"], 0, 241, "fast"),
    quality: mostly([1, 100, "75"], 0, 101, 1.5),
    frozen: mostly([0, 1, 86_400], 0.5, -1),
    size: mostly(["640x480", "1280x720"], "0x0", "big", 5),
    encoder: mostly(["auto", "x264"], "none"),
    always: mostly([true, "yes", "on"], 1, null),
  };
  const source = mostly(["test:", "/dev/video0"], "", 5, "nonsense");
  const password = mostly([HASH], "hunter22");
  const file = fc.record(
    {
      ...settings,
      port: mostly([0, 65_535, "9000"], 65_536, -1),
      tls: mostly(["auto", "off"], "on"),
      workers: mostly(["auto", 1, "3"], 65, 0),
      allowOrigin: mostly(["https://a.example", ["https://a.example"], []], "nowhere", 5),
      trustProxy: mostly(["127.0.0.1", ["10.0.0.0/8"]], 5),
      cameras: fc.dictionary(
        mostly(["a", "b-2"], "C") as fc.Arbitrary<string>,
        fc.oneof(source, fc.record({ source, ...settings }, { requiredKeys: ["source"] })),
        { maxKeys: 3 },
      ),
      users: fc.dictionary(
        mostly(["anna", "bo"], "an na") as fc.Arbitrary<string>,
        fc.record(
          { password, role: mostly(["view", "control"], "root"), cameras: mostly([["a"]], [], "a") },
          { requiredKeys: ["password"] },
        ),
        { maxKeys: 2 },
      ),
    },
    { requiredKeys: [] },
  );
  let both = 0;
  await fc.assert(
    fc.asyncProperty(file, async (value) => {
      if (!(await taken(stringify(value)))) return;
      both++;
      expect(matches(value), JSON.stringify({ value, errors: matches.errors })).toBe(true);
    }),
    { numRuns: 50 },
  );
  expect(both).toBeGreaterThan(0);
}, 30_000);
