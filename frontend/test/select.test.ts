import { describe, expect, it } from "vitest";
import { select } from "../src/charts/select";

describe("select", () => {
  const drawn = Float32Array.from(
    { length: 5000 },
    (_, i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) ** ((i % 7) - 3),
  );

  it("finds what sorting would put there", () => {
    const sorted = drawn.slice().sort();
    for (const rank of [0, 1, 17, 2499, 4949, 4998, 4999]) expect(select(drawn, rank)).toBe(sorted[rank]);
  });

  it("knows ties, the smallest and the largest floats", () => {
    const magnitudes = Float32Array.of(3.4028234663852886e38, 1e-45, 2, 2, 2, 0);
    expect([0, 1, 2, 3, 4, 5].map((rank) => select(magnitudes, rank))).toEqual([...magnitudes].sort((a, b) => a - b));
  });

  it("looks at its own part of a larger buffer only", () => {
    expect(select(Float32Array.of(9, 1, 2, 3, 9).subarray(1, 4), 2)).toBe(3);
  });

  it("leaves the values as they were", () => {
    const before = drawn.slice();
    select(drawn, 100);
    expect(drawn).toEqual(before);
  });
});
