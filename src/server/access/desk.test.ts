import { expect, test, vi } from "vitest";
import { answerDesk, type DeskCall, FarDesk, noteAtDesk } from "../../cli/far-desk.ts";
import { type Desk, MainDesk } from "./desk.ts";
import { keptText, Ledger, readKept } from "./ledger.ts";

const WISH = { cameras: ["front"], role: "view", seconds: 60, maxViewers: 3 } as const;

/** A desk at the other end of a channel that carries JSON. */
function far(main: MainDesk): { desk: Desk; close: () => void } {
  const seat = main.seat();
  const desk: FarDesk = new FarDesk(
    (question, call) =>
      void answerDesk(seat, JSON.parse(JSON.stringify(call)) as DeskCall).then((answer) =>
        desk.answer(question, answer),
      ),
    (notice) => noteAtDesk(seat, notice),
  );
  return { desk, close: () => seat.close() };
}

test("the viewers of a share link are counted at all desks, and those of a process that ends are gone", async () => {
  const main = new MainDesk(new Ledger());
  const [here, there] = [main.seat(), far(main)];
  const { id } = await there.desk.share(WISH);
  expect(await here.enter(id)).toBe(true);
  expect(await there.desk.enter(id)).toBe(true);
  expect(await there.desk.enter(id)).toBe(true);
  expect(await there.desk.enter(id)).toBe(false);
  expect(await here.enter(id)).toBe(false);
  here.leave(id);
  expect(await there.desk.shares()).toMatchObject([{ id, viewers: 2 }]);
  expect(await here.enter(id)).toBe(true);
  there.close();
  expect(await here.shares()).toMatchObject([{ id, viewers: 1 }]);
});

test("a share link that is revoked takes nobody", async () => {
  const main = new MainDesk(new Ledger());
  const { desk } = far(main);
  const { id } = await desk.share(WISH);
  expect(await desk.revoke(id)).toBe(true);
  expect(await desk.enter(id)).toBe(false);
  expect(await desk.revoke(id)).toBe(false);
});

test("share links are bounded", async () => {
  const main = new MainDesk(new Ledger());
  const { desk } = far(main);
  for (let n = 0; n < 1000; n++) await desk.share(WISH);
  await expect(desk.share(WISH)).rejects.toThrow(/1000 share links already: revoke some first/);
});

test("a failure at one desk is heard at all others", () => {
  const main = new MainDesk(new Ledger());
  const heard = [vi.fn(), vi.fn(), vi.fn()];
  const [first] = heard.map((failed) => main.seat(failed));
  first?.failed("192.0.2.1");
  expect(heard.map(({ mock }) => mock.calls)).toEqual([[], [["192.0.2.1"]], [["192.0.2.1"]]]);
});

test("what must outlive the program is written at every change, and read again", async () => {
  const ledger = new Ledger({ users: [{ name: "anna", role: "view", password: "hash" }] });
  const texts: string[] = [];
  const seat = new MainDesk(ledger, () => texts.push(keptText(ledger.content()))).seat();
  const share = await seat.share({ ...WISH, name: "the neighbours" });
  await seat.end("session", Date.now() + 1000);
  expect(texts).toHaveLength(2);
  expect(texts.join("")).not.toContain("hash");
  const again = new Ledger(readKept(texts[1] ?? ""));
  expect(again.shares(Date.now())).toEqual([share]);
  expect(again.hasEnded("session")).toBe(true);
  expect(again.hasUsers).toBe(false);
});

test.each(["", "{", "[]", '{"shares":[{"id":"x"}],"ended":[]}', '{"shares":[]}'])(
  "%j is nothing that was kept",
  (text) => {
    expect(readKept(text)).toBeUndefined();
  },
);

test("a ledger tells every change, and forgets what has ended by itself", () => {
  const ledger = new Ledger();
  const told = vi.fn();
  const unfollow = ledger.follow(told);
  const share = { ...WISH, cameras: ["front"], id: "abcdefgh", createdAtMs: 0, endsAtMs: 1000 };
  ledger.apply({ type: "shared", share });
  ledger.apply({ type: "ended", session: "s", untilMs: 1000 });
  expect(told).toHaveBeenCalledTimes(2);
  expect(ledger.share("abcdefgh", 999)).toEqual(share);
  expect(ledger.share("abcdefgh", 1000)).toBeUndefined();
  ledger.tidy(1000);
  expect(ledger.content()).toEqual({ users: [], shares: [], ended: [] });
  unfollow();
  ledger.apply({ type: "all", content: { users: [], shares: [share], ended: [] } });
  expect(told).toHaveBeenCalledTimes(2);
  expect(ledger.shares(0)).toEqual([share]);
});
