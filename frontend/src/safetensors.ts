/**
 * Reads safetensors files: eight bytes of header length, a JSON header, then the arrays' bytes.
 * Arrays are views of the file's bytes wherever these lie as the machine reads them. 64-bit integers become `Float64Array`, and half floats
 * `Float32Array` in browsers that cannot read them, so that every array holds plain numbers.
 *
 * Source: https://github.com/huggingface/safetensors, "Format".
 */

export type Numbers = Float16Array | Float32Array | Float64Array | Int32Array | Uint8Array;

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

/** So many numbers from a place in the file that is a multiple of their size. */
type Read = (bytes: ArrayBuffer, at: number, count: number) => Numbers;

const decodeHalf: Read = (bytes, at, count) => {
  const table = halfFloats();
  return Float32Array.from(new Uint16Array(bytes, at, count), (bits) => table[bits]);
};

const READERS: Record<string, { size: number; read: Read }> = {
  // The browser's own keep a frame as small as it came.
  F16: {
    size: 2,
    read: typeof Float16Array === "function" ? (bytes, at, count) => new Float16Array(bytes, at, count) : decodeHalf,
  },
  F32: { size: 4, read: (bytes, at, count) => new Float32Array(bytes, at, count) },
  F64: { size: 8, read: (bytes, at, count) => new Float64Array(bytes, at, count) },
  I32: { size: 4, read: (bytes, at, count) => new Int32Array(bytes, at, count) },
  I64: { size: 8, read: (bytes, at, count) => Float64Array.from(new BigInt64Array(bytes, at, count), Number) },
  U8: { size: 1, read: (bytes, at, count) => new Uint8Array(bytes, at, count) },
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
  const reader = Object.hasOwn(READERS, dtype) ? READERS[dtype] : undefined;
  if (!reader) throw new SafetensorsError(what, `one of ${Object.keys(READERS).join(", ")}`, dtype);

  const [begin, end] = entry.data_offsets;
  const count = entry.shape.reduce((product, length) => product * length, 1);
  const needed = count * reader.size;
  const described = `${dtype} [${entry.shape.join(", ")}]`;
  if (end - begin !== needed) {
    throw new SafetensorsError(what, `${needed} bytes for ${described}`, `${end - begin} bytes in the header`);
  }
  const present = Math.max(0, Math.min(end, bytes.byteLength - start) - begin);
  if (present !== needed) {
    throw new SafetensorsError(what, `${needed} bytes for ${described}`, `${present} bytes: the file was cut off`);
  }
  const at = start + begin;
  const lies = at % reader.size === 0;
  const data = lies ? reader.read(bytes, at, count) : reader.read(bytes.slice(at, start + end), 0, count);
  return { dtype, shape: entry.shape, data };
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
