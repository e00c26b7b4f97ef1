import { beforeEach, expect, test, vi } from "vitest";
import { Board, type Box } from "./board.ts";
import type { Picture } from "./picture.ts";
import { type Canvas, Surface } from "./surface.ts";

/** Remembers what was drawn: which image, and where. */
class FakeCanvas {
  width: number;
  height: number;
  readonly name: string;
  readonly drawn: string[] = [];

  constructor(width: number, height: number, name = "copy") {
    this.width = width;
    this.height = height;
    this.name = name;
  }

  getContext(): unknown {
    return {
      fillRect: (...box: number[]) => this.drawn.push(`fill ${box.join()}`),
      clearRect: () => this.drawn.push("clear"),
      drawImage: ({ name }: FakeCanvas, ...boxes: number[]) => this.drawn.push(`${name} ${boxes.join()}`),
    };
  }
}

const WIDE: Box = { x: 0, y: 0, width: 160, height: 90 };
const NEXT: Box = { x: 170, y: 0, width: 160, height: 90 };
let canvas: FakeCanvas;
let board: Board;

beforeEach(() => {
  vi.stubGlobal("OffscreenCanvas", FakeCanvas);
  canvas = new FakeCanvas(1, 1, "board");
  board = new Board(canvas as unknown as Canvas);
});

function surface(name: string): { own: FakeCanvas; surface: Surface } {
  const own = new FakeCanvas(300, 150, name);
  return { own, surface: new Surface(own as unknown as Canvas, () => undefined) };
}

function picture(width: number, height: number): Picture {
  return { name: "picture", width, height } as unknown as Picture;
}

function arrange(...places: [Surface, Box][]): void {
  board.arrange({ width: 400, height: 100, ground: "white", places: new Map(places) });
  canvas.drawn.length = 0;
}

test("a surface that has a place paints there, as large as fits, in the middle", () => {
  const { own, surface: front } = surface("front");
  arrange([front, WIDE]);
  front.paint(picture(320, 240));
  expect(canvas.drawn).toEqual(["picture 0,0,320,240,20,0,120,90"]);
  expect(own.drawn).toEqual([]);
});

test("what a picture of another shape leaves is wiped away", () => {
  const { surface: front } = surface("front");
  arrange([front, WIDE]);
  front.paint(picture(320, 180));
  front.paint(picture(240, 240));
  expect(canvas.drawn).toEqual([
    "picture 0,0,320,180,0,0,160,90",
    "fill 0,0,160,90",
    "picture 0,0,240,240,35,0,90,90",
  ]);
});

test("who comes brings its picture, who moves takes it along, who goes has it again", () => {
  const { own, surface: front } = surface("front");
  front.paint(picture(320, 180));
  board.arrange({ width: 400, height: 100, ground: "white", places: new Map([[front, WIDE]]) });
  expect(canvas.drawn.at(-1)).toBe("front 0,0,320,180,0,0,160,90");
  board.arrange({ width: 400, height: 100, ground: "white", places: new Map([[front, NEXT]]) });
  expect(canvas.drawn.at(-1)).toBe("copy 0,0,160,90,170,0,160,90");
  board.arrange({ width: 400, height: 100, ground: "white", places: new Map() });
  expect(own.drawn.at(-1)).toBe("copy 170,0,160,90,0,0,160,90");
  expect([own.width, own.height]).toEqual([160, 90]);
  front.paint(picture(320, 180));
  expect(own.drawn.at(-1)).toBe("picture 0,0,320,180,0,0,320,180");
});

test("who has shown nothing, or is to show nothing, takes nothing along", () => {
  const { own, surface: front } = surface("front");
  arrange([front, WIDE]);
  arrange();
  expect(own.drawn).toEqual([]);
  front.paint(picture(320, 180));
  front.clear();
  own.drawn.length = 0;
  arrange([front, WIDE]);
  front.paint(picture(320, 180));
  front.clear();
  canvas.drawn.length = 0;
  arrange([front, NEXT]);
  arrange();
  expect(own.drawn.filter((each) => each.startsWith("copy"))).toEqual([]);
});
