import { describe, expect, test } from "vitest";
import { AffordableEffort } from "./effort.ts";

function spend(effort: AffordableEffort, ms: number, pictures: number): number {
  let changes = 0;
  for (let n = 0; n < pictures; n++) if (effort.spent(ms)) changes++;
  return changes;
}

describe("the effort of an encoder", () => {
  test("stays as it is where the machine keeps up", () => {
    const effort = new AffordableEffort("some", 30);
    expect(spend(effort, 13, 900)).toBe(0);
    expect(effort.effort).toBe("some");
  });

  test("gives in step by step where it does not, and then stays", () => {
    const effort = new AffordableEffort("much", 30);
    expect(spend(effort, 14, 90)).toBe(1);
    expect(effort.effort).toBe("some");
    expect(spend(effort, 14, 900)).toBe(1);
    expect(effort.effort).toBe("least");
    expect(spend(effort, 1, 900)).toBe(0);
    expect(effort.effort).toBe("least");
  });

  test("lets a moment pass in which others needed the cores", () => {
    const effort = new AffordableEffort("some", 30);
    for (let n = 0; n < 10; n++) expect(spend(effort, 60, 60) + spend(effort, 8, 30)).toBe(0);
    expect(effort.effort).toBe("some");
  });

  test("has the time of slow cameras", () => {
    const effort = new AffordableEffort("some", 10);
    expect(spend(effort, 39, 900)).toBe(0);
    expect(spend(effort, 41, 90)).toBe(1);
  });
});
