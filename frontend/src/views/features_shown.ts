/** Which features are shown, and how, as it stands in the address: `filter=top=50,show=rank,find=perimeter,region=corner`. */

/** Shares, means with their sign, or ranks. */
export type Mode = "share" | "mean" | "rank";

export interface Shown {
  mode: Mode;
  /** How many rows; infinite for all. */
  top: number;
  /** What names are to contain. */
  sought: string;
  /** Name of the declared cells; "" for none. */
  region: string;
}

/** How many rows can be asked for. */
export const TOPS = [10, 25, 50, 100, 200];
const MODES: readonly string[] = ["share", "mean", "rank"] satisfies readonly Mode[];
const KEYS = ["top", "show", "find", "region"];

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const partsOf = (filter: string): [string, string][] =>
  filter
    .split(",")
    .filter(Boolean)
    .map((part) => {
      const [key, ...rest] = part.split("=");
      return [key, rest.join("=")];
    });

export function parseShown(filter: string): Shown {
  const parts = new Map(partsOf(filter));
  const [top, mode] = [parts.get("top"), parts.get("show") ?? ""];
  return {
    mode: MODES.includes(mode) ? (mode as Mode) : "share",
    top: top === "all" ? Number.POSITIVE_INFINITY : (TOPS.find((count) => String(count) === top) ?? TOPS[1]),
    sought: decoded(parts.get("find") ?? ""),
    region: decoded(parts.get("region") ?? ""),
  };
}

/** The filter with these parts instead of its own; what other views keep in it stays. */
export function formatShown(filter: string, { mode, top, sought, region }: Shown): string {
  const others = partsOf(filter)
    .filter(([key]) => !KEYS.includes(key))
    .map(([key, value]) => (value ? `${key}=${value}` : key));
  const own = [
    top === TOPS[1] ? "" : `top=${Number.isFinite(top) ? top : "all"}`,
    mode === "share" ? "" : `show=${mode}`,
    sought ? `find=${encodeURIComponent(sought)}` : "",
    region ? `region=${encodeURIComponent(region)}` : "",
  ];
  return [...others, ...own].filter(Boolean).join(",");
}
