/**
 * How far sequence `a` is ahead of `b`: negative if behind. Sequences are serial numbers that wrap after 2^32
 * (RFC 1982); the answer is right while they are less than 2^31 apart.
 */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}
