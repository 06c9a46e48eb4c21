import { describe, expect, test } from "vitest";
import { parseSafetensors, SafetensorsError } from "../src/safetensors";

/** Written by the Python library of the format (safetensors.numpy.save). */
const FROM_PYTHON =
  "2AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJzY2FsZTppbWFnZSI6IjAuMjUiLCJub3RlIjoiwrUgPGI+In0sImxvbmciOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImRvdWJsZSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzE2LDI0XX0sIm5vbmUiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6WzI0LDI0XX0sInNpbmdsZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzI0LDMyXX0sImludCI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzMyLDQwXX0sImhhbGYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzIsNF0sImRhdGFfb2Zmc2V0cyI6WzQwLDU2XX0sImJ5dGUiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpbNTYsNThdfX0gICAgAAAAAAD///8HAAAAAAAAAJx1AIg85Dd+AADAP83MzL3/////////fwAAADwAwAA4/3sBAAB8AH4A/w==";

const fromPython = (): ArrayBuffer => Uint8Array.from(atob(FROM_PYTHON), (c) => c.charCodeAt(0)).buffer;

/** A file of a given header, followed by so many zero bytes. */
function file(header: unknown, bytes = 0): ArrayBuffer {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const result = new Uint8Array(8 + text.length + bytes);
  new DataView(result.buffer).setBigUint64(0, BigInt(text.length), true);
  result.set(text, 8);
  return result.buffer;
}

const problem = (bytes: ArrayBuffer): SafetensorsError => {
  try {
    parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return error;
    throw error;
  }
  throw new Error("was read without a word");
};

describe("a file written by Python", () => {
  const { tensors, metadata } = parseSafetensors(fromPython());

  test("has its arrays, shapes and metadata", () => {
    expect(Object.keys(tensors).sort()).toEqual(["byte", "double", "half", "int", "long", "none", "single"]);
    expect(metadata).toEqual({ "scale:image": "0.25", note: "µ <b>" });
    expect(tensors.half.shape).toEqual([2, 4]);
    expect(tensors.none.data).toHaveLength(0);
  });

  test("has the numbers that NumPy wrote", () => {
    const smallest = 2 ** -24; // what 6e-8 is as a half float
    expect(Array.from(tensors.half.data)).toEqual([
      0,
      1,
      -2,
      0.5,
      65504,
      smallest,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect(Array.from(tensors.single.data)).toEqual([1.5, Math.fround(-0.1)]);
    expect(Array.from(tensors.double.data)).toEqual([1e300]);
    expect(Array.from(tensors.int.data)).toEqual([-1, 2 ** 31 - 1]);
    expect(Array.from(tensors.long.data)).toEqual([-(2 ** 40), 7]);
    expect(Array.from(tensors.byte.data)).toEqual([0, 255]);
  });
});

test("every half float is its sign, exponent and fraction", () => {
  const bits = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const bytes = new Uint8Array(file({ a: { dtype: "F16", shape: [1 << 16], data_offsets: [0, 1 << 17] } }, 1 << 17));
  bytes.set(new Uint8Array(bits.buffer), bytes.length - (1 << 17));
  const { data } = parseSafetensors(bytes.buffer).tensors.a;
  const slow = (i: number): number => {
    const text = i.toString(2).padStart(16, "0");
    const exponent = Number.parseInt(text.slice(1, 6), 2);
    const fraction = Number.parseInt(text.slice(6), 2) / 1024;
    const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
    return (text[0] === "1" ? -1 : 1) * size;
  };
  for (let i = 0; i < 1 << 16; i++) {
    if (((i >> 10) & 31) < 31) expect(data[i]).toBe(slow(i));
  }
});

describe("a file that is not what it claims", () => {
  test("says how many bytes are missing where it was cut off", () => {
    const whole = fromPython();
    const error = problem(whole.slice(0, whole.byteLength - 1));
    expect(error.what).toBe("Array byte cannot be read");
    expect(error.expected).toBe("2 bytes for U8 [1, 2]");
    expect(error.received).toBe("1 bytes: the file was cut off");
    expect(error.message).toContain("expected 2 bytes for U8 [1, 2], received 1 bytes");
  });

  test("is refused at every length it can be cut to", () => {
    const whole = fromPython();
    for (let length = 0; length < whole.byteLength; length++) problem(whole.slice(0, length));
  });

  test.each([
    ["an empty file", new ArrayBuffer(0), "0 bytes"],
    ["a header longer than the file", new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0]).buffer, "8 bytes"],
    ["a header that is no JSON", file("{nonsense"), "{nonsense"],
    ["a header that is a list", file([1]), "[1]"],
    ["an unknown type", file({ a: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2), "BF16"],
    ["a type from the prototype", file({ a: { dtype: "toString", shape: [], data_offsets: [0, 1] } }, 1), "toString"],
    [
      "offsets that do not fit the shape",
      file({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 8),
      "4 bytes",
    ],
    ["negative offsets", file({ a: { dtype: "U8", shape: [1], data_offsets: [-1, 0] } }, 8), "-1"],
    ["a fractional shape", file({ a: { dtype: "U8", shape: [1.5], data_offsets: [0, 1] } }, 8), "1.5"],
    ["an entry that is null", file({ a: null }, 8), "null"],
  ])("%s is refused by name", (_, bytes, received) => {
    expect(problem(bytes).received).toContain(received);
  });
});

test("an array called __proto__ is an array like any other", () => {
  const { tensors } = parseSafetensors(file('{"__proto__": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}', 1));
  expect(Object.keys(tensors)).toEqual(["__proto__"]);
});
