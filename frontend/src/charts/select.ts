const BUCKETS = 1 << 16;

/**
 * The value of a rank, from 0, among magnitudes: what sorting would put there, in two passes instead.
 *
 * Floats of one sign are ordered as their bits are: the first pass finds the upper half of the bits, the second the lower.
 */
export function select(magnitudes: Float32Array, rank: number): number {
  const bits = new Uint32Array(magnitudes.buffer, magnitudes.byteOffset, magnitudes.length);
  const upper = new Uint32Array(BUCKETS);
  for (let i = 0; i < bits.length; i++) upper[bits[i] >>> 16]++;
  const [high, before] = bucketOf(upper, rank);
  const lower = new Uint32Array(BUCKETS);
  for (let i = 0; i < bits.length; i++) if (bits[i] >>> 16 === high) lower[bits[i] & (BUCKETS - 1)]++;
  const [low] = bucketOf(lower, rank - before);
  return new Float32Array(new Uint32Array([high * BUCKETS + low]).buffer)[0];
}

/** The bucket that a rank falls into, and how many lie before it. */
function bucketOf(counts: Uint32Array, rank: number): [number, number] {
  let before = 0;
  let bucket = 0;
  while (before + counts[bucket] <= rank) before += counts[bucket++];
  return [bucket, before];
}
