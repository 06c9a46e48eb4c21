/** What a figure shows as a file: CSV or JSON of its data, under a name that says of which run, figure and epoch it is. */
import { focusRun, type State, shownMethod } from "./state";
import { shortStep } from "./steps";

export type Cell = string | number | null;

/** A row a value, so that any program can read any figure: `epoch, run, value`. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** A table of what a list holds: a column a name, and what it is of an item. */
export const tableOf = <T>(items: readonly T[], columns: Readonly<Record<string, (item: T) => Cell>>): Table => ({
  columns: Object.keys(columns),
  rows: items.map((item) => Object.values(columns).map((value) => value(item))),
});

/** A figure as its menu sees it. */
export interface Figure {
  name: string;
  /** What it shows, as numbers; asked for when it is downloaded. */
  data: () => Table;
  /** Whose marks have which colour, where the figure itself does not say. */
  key?: () => readonly { label: string; colour: string }[];
  /** Makes it ready to stand alone in a picture, with what it shares with others on the page; the answer undoes that. */
  alone?: () => Promise<() => void>;
}

/** Quoted where it has to be (RFC 4180). */
function csvCell(cell: Cell): string {
  if (typeof cell === "number") return Number.isNaN(cell) ? "NaN" : String(cell);
  const text = cell ?? "";
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Numbers that are not finite are written NaN, Infinity and -Infinity, as NumPy and pandas read them. */
export const csvOf = ({ columns, rows }: Table): string =>
  [columns, ...rows].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");

/** What was chosen when a figure was drawn. */
export interface Context {
  run: string;
  epoch: string;
  against: string;
  method: string;
}

export function contextOf(state: State): Context {
  const run = focusRun(state);
  return {
    run: run?.run ?? "",
    epoch: state.epoch === null ? "" : shortStep(run, state.epoch).replace("\u2212", "-"),
    against: state.against,
    method: shownMethod(state) ?? "",
  };
}

/** What a reader of the numbers has to know. */
export const UNITS = "shares, accuracies and overheads are parts of 1, not percent";

/** An object a row. JSON has no numbers that are not finite: they are null. */
export function jsonOf({ columns, rows }: Table, figure: string, context: Context): string {
  const records = rows.map((cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null])));
  return `${JSON.stringify({ figure, ...context, units: UNITS, rows: records }, null, 1)}\n`;
}

const LONGEST = 60;

/** Letters of any language, digits, dots and dashes: what every file system takes. */
const plain = (text: string): string =>
  text
    .replace(/[^\p{L}\p{N}.]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, LONGEST);

/** "digits-clean-Share-shift-epoch-39.csv" */
export function fileName(figure: string, { run, epoch }: Context, ending: string): string {
  const sign = epoch.startsWith("-") ? "minus-" : "";
  const at = epoch && (epoch === "start" ? epoch : `epoch-${sign}${epoch}`);
  return `${[run.replace(/\/explain$/, ""), figure, at].map(plain).filter(Boolean).join("-") || "figure"}.${ending}`;
}

/** Hand a file to the browser, which asks or saves as it is set to. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the file after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
