/** What of the samples is asked for, as the address has it: `class=3,flipped,per=2,pin=18.20,maps=now,scale=each,text=left%20side`. */
import { store } from "../state";
import type { Scale } from "./samples_data";
import type { SampleFilter } from "./samples_model";

/** Reference, now and change; or one of the latter alone. */
export type Shown = "all" | "now" | "change";

export interface Asked extends SampleFilter {
  pinned: readonly number[];
  shown: Shown;
  scale: Scale;
  /** What a sample's name, label, prediction or text is to contain. */
  sought: string;
}

const KEYS = ["class", "flipped", "wrong", "per", "pin", "maps", "scale", "text"];

const partsOf = (address: string): [string, string | undefined][] =>
  address.split(",").map((part) => part.split("=", 2) as [string, string | undefined]);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Parts that mean nothing are passed over. */
export function parseAsked(address: string): Asked {
  const parts = new Map(partsOf(address));
  const natural = (value: string | undefined) => (/^\d{1,6}$/.test(value ?? "") ? Number(value) : null);
  const maps = parts.get("maps");
  return {
    class: natural(parts.get("class")),
    flipped: parts.has("flipped"),
    wrong: parts.has("wrong"),
    perClass: natural(parts.get("per")) || null,
    pinned: [...new Set((parts.get("pin") ?? "").split(".").map(natural))].filter((index) => index !== null),
    shown: maps === "now" || maps === "change" ? maps : "all",
    scale: parts.get("scale") === "each" ? "each" : "all",
    sought: decoded(parts.get("text") ?? ""),
  };
}

/** The address with these parts instead of its own; what other views keep in it stays. */
export const formatAsked = (address: string, asked: Asked): string =>
  [
    ...address.split(",").filter((part) => !KEYS.includes(part.split("=", 1)[0])),
    asked.class === null ? "" : `class=${asked.class}`,
    asked.flipped ? "flipped" : "",
    asked.wrong ? "wrong" : "",
    asked.perClass === null ? "" : `per=${asked.perClass}`,
    asked.pinned.length ? `pin=${asked.pinned.join(".")}` : "",
    asked.shown === "all" ? "" : `maps=${asked.shown}`,
    asked.scale === "all" ? "" : `scale=${asked.scale}`,
    asked.sought ? `text=${encodeURIComponent(asked.sought)}` : "",
  ]
    .filter(Boolean)
    .join(",");

/** Change what is asked for; only what is typed letter by letter leaves no step to go back by. */
export const ask = (change: Partial<Asked>, push = true): void => {
  const { filter } = store.state;
  store.set({ filter: formatAsked(filter, { ...parseAsked(filter), ...change }) }, { push });
};
