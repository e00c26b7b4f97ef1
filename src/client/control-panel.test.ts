import { expect, test } from "vitest";
import { controlLabel } from "./control-panel.ts";

test("controls have names that people read", () => {
  expect(
    ["brightness", "exposure_time_absolute", "white_balance_automatic", "pan_relative"].map(controlLabel),
  ).toEqual(["Brightness", "Exposure time", "White balance automatic", "Pan relative"]);
});
