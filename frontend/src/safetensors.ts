/**
 * Reads safetensors files: eight bytes of header length, a JSON header, then the arrays' bytes.
 * Half floats become `Float32Array` and 64-bit integers `Float64Array`, so that every array holds plain numbers.
 *
 * Source: https://github.com/huggingface/safetensors, "Format".
 */

export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface Tensor {
  dtype: string;
  shape: number[];
  data: Numbers;
}

export interface Safetensors {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
}

/** A file that is not what it claims to be. Panels show the three parts on lines of their own. */
export class SafetensorsError extends Error {
  override name = "SafetensorsError";

  constructor(
    readonly what: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${what}: expected ${expected}, received ${received}`);
  }
}

const LENGTH_BYTES = 8;

/** The value of each of the 65,536 half floats, at the index of its bits. */
const halfFloats = (() => {
  let table: Float32Array | undefined;
  return (): Float32Array => {
    table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
      const sign = bits & 0x8000 ? -1 : 1;
      const exponent = (bits >> 10) & 0x1f;
      const fraction = bits & 0x3ff;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
      return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    });
    return table;
  };
})();

function decodeHalf(bytes: ArrayBuffer): Float32Array {
  const table = halfFloats();
  const bits = new Uint16Array(bytes);
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]];
  return values;
}

const DECODERS: Record<string, { size: number; decode: (bytes: ArrayBuffer) => Numbers }> = {
  F16: { size: 2, decode: decodeHalf },
  F32: { size: 4, decode: (bytes) => new Float32Array(bytes) },
  F64: { size: 8, decode: (bytes) => new Float64Array(bytes) },
  I32: { size: 4, decode: (bytes) => new Int32Array(bytes) },
  I64: { size: 8, decode: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number) },
  U8: { size: 1, decode: (bytes) => new Uint8Array(bytes) },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

function parseHeader(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    header = undefined;
  }
  if (!isObject(header)) {
    throw new SafetensorsError("The header cannot be read", "a JSON object", `“${text.slice(0, 40)}”`);
  }
  return header;
}

function parseTensor(name: string, entry: unknown, bytes: ArrayBuffer, start: number): Tensor {
  const what = `Array ${name} cannot be read`;
  if (
    !isObject(entry) ||
    !isNaturals(entry.shape) ||
    !isNaturals(entry.data_offsets) ||
    entry.data_offsets.length !== 2
  ) {
    throw new SafetensorsError(what, "dtype, shape and data_offsets in the header", JSON.stringify(entry).slice(0, 80));
  }
  const dtype = String(entry.dtype);
  const decoder = Object.hasOwn(DECODERS, dtype) ? DECODERS[dtype] : undefined;
  if (!decoder) throw new SafetensorsError(what, `one of ${Object.keys(DECODERS).join(", ")}`, dtype);

  const [begin, end] = entry.data_offsets;
  const needed = entry.shape.reduce((product, length) => product * length, decoder.size);
  const described = `${dtype} [${entry.shape.join(", ")}]`;
  if (end - begin !== needed) {
    throw new SafetensorsError(what, `${needed} bytes for ${described}`, `${end - begin} bytes in the header`);
  }
  const present = Math.max(0, Math.min(end, bytes.byteLength - start) - begin);
  if (present !== needed) {
    throw new SafetensorsError(what, `${needed} bytes for ${described}`, `${present} bytes: the file was cut off`);
  }
  return { dtype, shape: entry.shape, data: decoder.decode(bytes.slice(start + begin, start + end)) };
}

/** Parses a whole file. Throws `SafetensorsError` where the bytes do not hold what the header promises. */
export function parseSafetensors(bytes: ArrayBuffer): Safetensors {
  const what = "The file cannot be read";
  if (bytes.byteLength < LENGTH_BYTES) {
    throw new SafetensorsError(what, `at least ${LENGTH_BYTES} bytes`, `${bytes.byteLength} bytes`);
  }
  const headerLength = Number(new DataView(bytes).getBigUint64(0, true));
  const start = LENGTH_BYTES + headerLength;
  if (start > bytes.byteLength) {
    throw new SafetensorsError(what, `${start} bytes of header`, `${bytes.byteLength} bytes`);
  }
  const { __metadata__: metadata, ...entries } = parseHeader(
    new TextDecoder().decode(new Uint8Array(bytes, LENGTH_BYTES, headerLength)),
  );
  const tensors = new Map(
    Object.entries(entries).map(([name, entry]) => [name, parseTensor(name, entry, bytes, start)]),
  );
  const texts = Object.entries(isObject(metadata) ? metadata : {}).map(([key, value]) => [key, String(value)]);
  return { tensors: Object.fromEntries(tensors), metadata: Object.fromEntries(texts) };
}
