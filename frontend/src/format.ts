/** Numbers and names as the tab writes them: a narrow space that no line breaks at before units, a real minus, no zero before a decimal point under one. */

const NARROW = "\u202f";

/** A number as text with U+2212 as its minus. */
export const minus = (value: number | string): string => String(value).replace("-", "\u2212");

const missing = "\u2013";

/** 0.1472 → "14.7 %" */
export function percent(share: number, { unit = true } = {}): string {
  if (!Number.isFinite(share)) return missing;
  return minus((100 * share).toFixed(1)) + (unit ? `${NARROW}%` : "");
}

/** Correlations and distances: 0.352 → ".35", 1 → "1.00"; small ones with a third decimal: 0.012 → ".012", 0.0001 → "<.001". */
export function distance(value: number): string {
  if (!Number.isFinite(value)) return missing;
  if (value > 0 && value < 0.0005) return "<.001";
  const decimals = Math.abs(value) < 0.095 ? 3 : 2;
  return minus((Math.abs(value) < 0.0005 ? 0 : value).toFixed(decimals).replace(/^(-?)0\./, "$1."));
}

/** Three figures that count: 0.09712 → ".097", 2.345 → "2.35", 51.13 → "51.1", 12345 → "12 345", 1234567 → "1.23e6". */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return missing;
  const size = Math.abs(value);
  if (size >= 1e6) return minus(value.toExponential(2).replace("+", ""));
  if (size >= 1000) return thousands(Math.round(value));
  if (size > 0 && size < 0.0005) return minus(value.toExponential(1));
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return minus(value.toFixed(decimals).replace(/^(-?)0\./, "$1."));
}

/** 12345 → "12 345", from five digits on. */
export function thousands(value: number): string {
  const digits = String(value);
  return minus(digits.replace("-", "").length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, NARROW));
}

/** A change of shares in points, always with its sign: 0.043 → "+4.3". */
export function points(change: number): string {
  if (!Number.isFinite(change)) return missing;
  const text = (100 * change).toFixed(1);
  return Number(text) > 0 ? `+${text}` : minus(Number(text) === 0 ? "0.0" : text);
}

/** A share and twice its standard error: "8.1 ± 0.4 %"; "8.1 %" of one sample, which has no error. */
export const withError = (share: number, standardError: number): string =>
  Number.isFinite(share) && Number.isFinite(standardError)
    ? `${percent(share, { unit: false })}${plusMinus(standardError)}${NARROW}%`
    : percent(share);

/** What follows a share or its change, in points: " ± 0.4"; "" where there is no error to tell. */
export const plusMinus = (standardError: number): string =>
  Number.isFinite(standardError) ? ` ± ${percent(2 * standardError, { unit: false })}` : "";

/** Letters that are written from right to left. */
export const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufeff]/;

/** A name for a sentence with figures, which one from right to left would draw to its other side: what <bdi> does, as text. */
export const isolated = (name: string): string => (FROM_RIGHT.test(name) ? `\u2068${name}\u2069` : name);

/** A hash in two groups of four: "7c1e 90af". */
export const shortHash = (hash: string): string => `${hash.slice(0, 4)} ${hash.slice(4, 8)}`.trim();

/** "24 × 24 × 1" */
export const shape = (lengths: readonly number[]): string => lengths.join("\u202f×\u202f");

/** How long ago, in words: "4 s ago", "3 min ago". */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}${NARROW}s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)}${NARROW}min ago`;
  return `${Math.round(seconds / 3600)}${NARROW}h ago`;
}

/** A sentence's start: "the start" → "The start". */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A method's or a metric's name as words: "integrated_gradients" → "Integrated gradients". */
export const words = (name: string): string => capital(name.replaceAll("_", " ").trim());

/** So many decimals: (0.5, 2) → "0.50". */
export const fixed = (value: number, decimals = 2): string =>
  Number.isFinite(value) ? minus(value.toFixed(decimals)) : missing;

/** A value that has a sign, with it: 0.84 → "+0.84", −0.7341 → "−0.73". */
export function signed(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return missing;
  const text = value.toFixed(decimals);
  return Number(text) >= 0 ? `+${text.replace("-", "")}` : minus(text);
}

/** What there is room for beside an axis: 0.5, 12k, 2.5M, 1e9, 5e-5. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return Number(value.toPrecision(4)).toExponential().replace("+", "");
  const [unit, of] = size >= 1e6 ? ["M", 1e6] : size >= 1e4 ? ["k", 1e3] : ["", 1];
  return `${Number((value / of).toPrecision(4))}${unit}`;
}

/** A tick of an axis: short, and no zero before its point: 0.5 → ".5". */
export const tick = (value: number): string => minus(short(value).replace(/^(-?)0\./, "$1."));
