/** Red, green and blue of a picture in YUV, as the numbers of a colour space mean them. */
interface Matrix {
  /** Of the red difference in red, of both in green, of the blue one in blue. */
  readonly red: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blue: number;
}

const BT601: Matrix = { red: 1.402, greenU: 0.344136, greenV: 0.714136, blue: 1.772 };
const BT709: Matrix = { red: 1.5748, greenU: 0.187324, greenV: 0.468124, blue: 1.8556 };

/** Of video, brightness is 16 to 235 and the differences are 16 to 240; of JPEG both are 0 to 255. */
const LIMITED = { black: 16, luma: 255 / 219, chroma: 255 / 224 };
const FULL = { black: 0, luma: 1, chroma: 1 };

/** Bits behind the point of whole numbers that stand for fractions. */
const POINT = 14;

/** Added to what may be negative, so that it is a place in a table. */
const BIAS = 384 << POINT;

/** Turns YUV 4:2:0 in three planes into red, green, blue and nothing. Its tables are made once for each meaning of the numbers. */
export class Yuv {
  readonly #luma = new Int32Array(256);
  readonly #red = new Int32Array(256);
  readonly #greenU = new Int32Array(256);
  readonly #greenV = new Int32Array(256);
  readonly #blue = new Int32Array(256);
  readonly #clamped = new Uint8Array(1024);

  /** `matrix`: as WebCodecs names it; what it does not name is BT.601. */
  constructor(matrix: string | null, fullRange: boolean) {
    const { red, greenU, greenV, blue } = matrix === "bt709" ? BT709 : BT601;
    const { black, luma, chroma } = fullRange ? FULL : LIMITED;
    const fixed = (value: number): number => Math.round(value * 2 ** POINT);
    for (let value = 0; value < 256; value++) {
      this.#luma[value] = fixed((value - black) * luma + 0.5);
      this.#red[value] = fixed((value - 128) * chroma * red);
      this.#greenU[value] = fixed((value - 128) * chroma * greenU);
      this.#greenV[value] = fixed((value - 128) * chroma * greenV);
      this.#blue[value] = fixed((value - 128) * chroma * blue);
    }
    // From -384 to 639: no sum is outside.
    for (let index = 0; index < 1024; index++) this.#clamped[index] = Math.min(255, Math.max(0, index - 384));
  }

  /** Fill `rgb`, four bytes a pixel, from planes that lie one behind the other without gaps. */
  convert(yuv: Uint8Array, width: number, height: number, rgb: Uint32Array): void {
    const half = (width + 1) >> 1;
    const atU = width * height;
    const atV = atU + half * ((height + 1) >> 1);
    for (let row = 0; row < height; row += 2) {
      const chroma = (row >> 1) * half;
      // Two rows have their colour in common; the last one of an odd number stands alone.
      const below = row + 1 < height ? width : 0;
      this.#pair(yuv, rgb, { at: row * width, below, width, atU: atU + chroma, atV: atV + chroma });
    }
  }

  // Four pixels share one sample of each colour, so what follows from that is worked out once for all of them.
  #pair(yuv: Uint8Array, rgb: Uint32Array, { at, below, width, atU, atV }: RowPair): void {
    const [lumas, reds, greenUs] = [this.#luma, this.#red, this.#greenU];
    const [greenVs, blues, bytes] = [this.#greenV, this.#blue, this.#clamped];
    const last = at + width - 1;
    let pixel = at;
    for (let sample = 0; pixel <= last; sample++, pixel += 2) {
      const u = yuv[atU + sample] as number;
      const v = yuv[atV + sample] as number;
      const red = (reds[v] as number) + BIAS;
      const green = BIAS - (greenUs[u] as number) - (greenVs[v] as number);
      const blue = (blues[u] as number) + BIAS;
      const right = pixel < last ? 1 : 0;
      let place = pixel;
      rgb[place] = packed(bytes, lumas[yuv[place] as number] as number, red, green, blue);
      place += right;
      rgb[place] = packed(bytes, lumas[yuv[place] as number] as number, red, green, blue);
      place += below;
      rgb[place] = packed(bytes, lumas[yuv[place] as number] as number, red, green, blue);
      place -= right;
      rgb[place] = packed(bytes, lumas[yuv[place] as number] as number, red, green, blue);
    }
  }
}

/** Four bytes of a pixel. */
function packed(bytes: Uint8Array, luma: number, red: number, green: number, blue: number): number {
  return (
    0xff000000 |
    ((bytes[(luma + blue) >> POINT] as number) << 16) |
    ((bytes[(luma + green) >> POINT] as number) << 8) |
    (bytes[(luma + red) >> POINT] as number)
  );
}

/** Two rows of pixels, by where they and their colours lie. */
interface RowPair {
  readonly at: number;
  /** From a pixel to that below it; 0 if there is none. */
  readonly below: number;
  readonly width: number;
  readonly atU: number;
  readonly atV: number;
}
