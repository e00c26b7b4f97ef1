import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files at a time. Most of what the tests of whole programs do is wait. */
const AT_ONCE = 2;

/** How long a condition that is awaited may take, where no test says otherwise: only what is broken spends it. */
const EXPECT = { poll: { timeout: 15_000 } };

/** They fill the machine, or measure what others leave of it: nothing runs beside them. */
const ALONE = ["test/system/isolation.test.ts", "test/browser/wall.test.ts"];

/** A browser needs more than a core: beside one there is a file without one for as long as there are any. */
class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const places = new Map<TestSpecification, number>();
    for (const project of new Set(sorted.map(({ project: { name } }) => name))) {
      const own = sorted.filter(({ project: { name } }) => name === project);
      for (const [index, file] of own.entries()) places.set(file, (index + 1) / (own.length + 1));
    }
    return sorted.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  }
}

// `unit` beside the sources; `system` whole programs over real sockets, and `browser` a real browser against the real server, at the
// same time; then `alone`, what has to be.
export default defineConfig({
  test: {
    sequence: { sequencer: Mixed },
    maxWorkers: AT_ONCE,
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          maxWorkers: AT_ONCE,
          testTimeout: 60_000,
          expect: EXPECT,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ALONE],
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: EXPECT,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ALONE],
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: EXPECT,
        },
      },
      {
        test: {
          name: "alone",
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: EXPECT,
        },
      },
    ],
  },
});
