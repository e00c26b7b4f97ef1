import fc from "fast-check";
import { expect, test } from "vitest";
import { Places } from "./places.ts";

test("who comes when all is taken waits, and has the next place that is left", () => {
  let full = 0;
  const places = new Places(2, () => full++);
  const granted: string[] = [];
  const [one, two, three, four] = ["one", "two", "three", "four"].map((name) => ({ name }));
  for (const who of [one, two, three, four]) places.take(who!, () => granted.push(who!.name));
  expect(granted).toEqual(["one", "two"]);
  expect(full).toBe(2);
  places.leave(three!);
  places.leave(one!);
  expect(granted).toEqual(["one", "two", "four"]);
  expect([one, two, three, four].map((who) => places.has(who!))).toEqual([false, true, false, true]);
  expect(full).toBe(2);
});

test("there are never more than there may be, nobody waits beside a free place, and the first of all waiting is the next", () => {
  const events = fc.array(fc.record({ who: fc.nat({ max: 9 }), comes: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 4 }), (script, most) => {
      const people = Array.from({ length: 10 }, (_, n) => ({ n }));
      const places = new Places(most, () => {});
      const granted = new Set<object>();
      let line: object[] = [];
      for (const { who, comes } of script) {
        const person = people[who]!;
        if (comes === line.includes(person)) continue;
        if (comes) places.take(person, () => granted.add(person));
        else places.leave(person);
        line = comes ? [...line, person] : line.filter((other) => other !== person);
        if (!comes) granted.delete(person);
        expect(people.filter((other) => places.has(other))).toEqual(
          people.filter((other) => line.slice(0, most).includes(other)),
        );
        expect(people.filter((other) => granted.has(other))).toEqual(
          people.filter((other) => places.has(other)),
        );
      }
    }),
  );
});
