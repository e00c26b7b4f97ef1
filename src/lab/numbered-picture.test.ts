import { expect, test } from "vitest";
import { NumberedPicture } from "./numbered-picture.ts";

// 256x32, 4:2:0, made by FFmpeg's encoder: colours above, below them a strip with a number. What they all begin with:
const FRONT = Buffer.from(
  "/9j/2wBDAAgGBgcGBwgICAgICAkJCQoKCgkJCQkKCgoKCgoMDAwKCgoKCgoKDAwMDA0ODQ0NDA0ODg8PDxISEREVFRUZGR//xAGi" +
    "AAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsBAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKCxAAAgEDAwIEAwUFBAQAAAF9" +
    "AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNk" +
    "ZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo" +
    "6erx8vP09fb3+Pn6EQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZ" +
    "GiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1" +
    "tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fr/wAARCAAgAQADASIAAhEAAxEA/9oADAMBAAIRAxEAPwDy" +
    "O20rp8tbFtpX+zXQW2ldOK2LbSvavm0fNowLbSuny1r22lf7NdDbaV04rXttK6cVojRGBbaV/s1r22ldPlrobbSvate20rpxWiNE" +
    "c/baV/s1s22ldPlqt4k8W+GvBW1NWvPLuJIJJ4bOGKSa4mWPgYVFKR+a4KRNcPFG7Bvn+VseUa98dNdvZJYdBs7fS7c/LHc3CLc3" +
    "3yzFhKFbNnF5kQVXhaK42ZbbKTgjRGiKVFFFaI0QUUUV6h6gUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUU" +
    "AQ==",
  "base64",
);

/** How they end, by their numbers. */
const ENDS = new Map([
  [0x0, "4/RRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQB//9k="],
  [0x7, "4/RRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFff9fAFff9ABRRRQB//Z"],
  [
    0x12345678,
    "4/RRRQAV9/18AV9/0AfAFFFFAH3/AF8AV9/18AUAFFFFAH3/AEUUUAfAFff9fAFff9AHwBRRRQAV9/18AV9/0AfAFff9fAFff9AHwBX3/XwBX3/QAV8AV9/18AUAFff9fAFff9ABRRRQAV8AV9/18AUAFFFFAH//2Q==",
  ],
  [
    0x80000001,
    "9P18AV9/18AUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAV9/18AV9/wBAH//Z",
  ],
  [
    0xffffffff,
    "9P0UUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAFFFFABRRRQAUUUUAf/9k=",
  ],
  [
    0xaaaaaaaa,
    "9P18AV9/18AUAff9fAFff9fAFAH3/XwBX3/XwBQB9/18AV9/18AUAff9fAFff9fAFAH3/XwBX3/XwBQB9/18AV9/18AUAff9fAFff9fAFAH3/XwBX3/XwBQB9/18AV9/18AUAff9fAFff9fAFAH3/XwBX3/XwBQB9/18AV9/18AUAff9fAFff9fAFAH3/XwBX3/XwBQB9/18AV9/18AUAf/Z",
  ],
]);

function picture(number: number): Buffer {
  return Buffer.concat([FRONT, Buffer.from(ENDS.get(number) ?? "", "base64")]);
}

const numbers = [...ENDS.keys()];

test.each(numbers)("a picture with another number is byte for byte as an encoder writes it: %i", (number) => {
  for (const made of numbers) {
    expect(Buffer.from(new NumberedPicture(picture(made)).showing(number)).toString("hex"), `${made}`).toBe(
      picture(number).toString("hex"),
    );
  }
});

test("it can be numbered again and again", () => {
  const once = new NumberedPicture(picture(7)).showing(0x12345678);
  expect(Buffer.from(new NumberedPicture(once).showing(7))).toEqual(picture(7));
});

test.each([
  ["no JPEG", Buffer.from("nothing of the kind")],
  ["progressive", Buffer.from(picture(7).toString("hex").replace("ffc00011", "ffc20011"), "hex")],
  [
    "8 pixels too wide for whole blocks",
    Buffer.from(picture(7).toString("hex").replace("00200100", "00200108"), "hex"),
  ],
  ["cut off", picture(7).subarray(0, 600)],
])("a picture that has no such strip is refused: %s", (_, jpeg) => {
  expect(() => new NumberedPicture(jpeg)).toThrow(RangeError);
});
