import { afterEach, expect, test, vi } from "vitest";
import { snapshotName, takeSnapshot } from "./snapshot.ts";

afterEach(() => vi.unstubAllGlobals());

const URL_OF_IT = "http://server/below/cameras/front/snapshot.jpg";

function answering(response: () => Response): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return response();
  });
  return asked;
}

test("a snapshot is named after the camera and the time at which it was taken", async () => {
  const taken = new Date(2026, 10, 5, 7, 8, 9);
  const asked = answering(() => new Response("jpeg", { headers: { "X-Captured-At": taken.toISOString() } }));
  const { jpeg, name } = await takeSnapshot(URL_OF_IT, "front");
  expect(name).toBe("front-2026-11-05-07-08-09.jpg");
  expect(await jpeg.text()).toBe("jpeg");
  expect(asked).toEqual([`${URL_OF_IT}?strict`]);
});

test("without a time, it is now", () => {
  expect(snapshotName("front", new Date("never"))).toMatch(/^front-20\d\d-\d\d-\d\d-\d\d-\d\d-\d\d\.jpg$/);
});

test("a camera that failed says why", async () => {
  answering(() => Response.json({ error: "the cable is out" }, { status: 503 }));
  await expect(takeSnapshot(URL_OF_IT, "front")).rejects.toThrow("the cable is out");
});

test("an answer without words", async () => {
  answering(() => new Response("", { status: 502 }));
  await expect(takeSnapshot(URL_OF_IT, "front")).rejects.toThrow("The server answered with status 502");
});

test("no answer", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(takeSnapshot(URL_OF_IT, "front")).rejects.toThrow("The server does not answer");
});
