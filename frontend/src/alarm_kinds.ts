/** What alarms are about: their families, each with its sign, and which view shows what happened. A newer server's kinds belong to no family. */
import type { Alarm, Manifest } from "./api";
import type { Sign } from "./charts/signs";
import { percent } from "./format";
import { methodTitle } from "./methods";
import { methodsOf, type RunEntry } from "./state";
import type { State } from "./store";
import { findTag, tagsOf } from "./tags";
import { featureNames } from "./views/feature_names";

export interface Family {
  title: string;
  sign: Sign;
}

export const FAMILIES = {
  shares: { title: "shares of the attribution", sign: "triangle" },
  watched: { title: "watched cells", sign: "square" },
  samples: { title: "samples", sign: "circle" },
  layers: { title: "layers", sign: "diamond" },
  numbers: { title: "numbers that are not finite", sign: "cross" },
} as const satisfies Record<string, Family>;

interface Kind {
  family: keyof typeof FAMILIES;
  title: string;
}

const KINDS: Record<string, Kind> = {
  share_jump: { family: "shares", title: "share jumped" },
  share_growth: { family: "shares", title: "share moved slowly" },
  share_level: { family: "shares", title: "share beyond the contrast" },
  rank_entry: { family: "shares", title: "entered the first three" },
  watch_above: { family: "watched", title: "above what it may" },
  watch_below: { family: "watched", title: "below what it should" },
  protected_share: { family: "watched", title: "protected share grew" },
  reason_moved: { family: "samples", title: "new reason, same prediction" },
  prediction_moved: { family: "samples", title: "new prediction, same reason" },
  dead_layer: { family: "layers", title: "dead layer" },
  saturated_layer: { family: "layers", title: "saturated layer" },
  distribution_jump: { family: "layers", title: "activations shifted" },
  non_finite: { family: "numbers", title: "not finite" },
};

const kindOf = ({ kind }: Alarm): Kind | undefined => (Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined);

/** "dead layer", "not finite"; an unknown kind by its name. */
export const alarmKind = (alarm: Alarm): string => kindOf(alarm)?.title ?? alarm.kind.replaceAll("_", " ");

export const alarmFamily = (alarm: Alarm): Family | undefined => {
  const kind = kindOf(alarm);
  return kind && FAMILIES[kind.family];
};

export const alarmSign = (alarm: Alarm): Sign => alarmFamily(alarm)?.sign ?? "triangle";

/** At a curve, in few words: "A1 2.5 → 5.9 %", "conv_1: dead layer". */
export function alarmLabel(alarm: Alarm, manifest: Manifest | undefined): string {
  const { before, after } = alarm.evidence;
  const subject = cellsOf(alarm, manifest) || methodTitle(alarm.subject);
  return kindOf(alarm)?.family === "shares" &&
    typeof before === "number" &&
    typeof after === "number" &&
    alarm.kind !== "share_level"
    ? `${subject} ${percent(before, { unit: false })} → ${percent(after)}`
    : `${subject}: ${alarmKind(alarm)}`;
}

/** What an alarm names: its subject, and what the same happened to at the same step. */
export const namesIn = ({ subject, evidence }: Alarm): string[] => [
  subject,
  ...(Array.isArray(evidence.others) ? evidence.others.map(String) : []),
];

export const isAbout = (alarm: Alarm, name: string): boolean => namesIn(alarm).includes(name);

/** Whether it is about a feature: as one of the cells that moved, or by its name where it has none. */
export function isAboutFeature(alarm: Alarm, feature: string, manifest: Manifest | undefined): boolean {
  const { cells, other_cells: others, input } = alarm.evidence;
  const lists = [cells, ...(Array.isArray(others) ? others : [])].filter(Array.isArray);
  const names = lists.flatMap((list) => cellNames(list, input, manifest));
  // Of several inputs, features are called by theirs too.
  return lists.length > 0
    ? names.some((name) => [name, `${input} ${name}`].includes(feature))
    : isAbout(alarm, feature);
}

/** Its sentence without the step's name, methods by their titles. */
export function alarmText(alarm: Alarm, manifest: Manifest | undefined): string {
  const text = alarm.text.replace(/^(start|(epoch|batch) [^:]*): /i, "");
  const methods = namesIn(alarm).filter((name) => manifest?.methods.some((method) => method.name === name));
  return methods.reduce((said, name) => said.replace(name, methodTitle(name)), unbroken(text));
}

/** No line ends between a number and its unit, nor within "z = 12". */
const unbroken = (text: string): string => text.replace(/(\d) %/g, "$1\u202f%").replace(/z = /g, "z\u00a0=\u00a0");

/** What cells of an input are called in the Features view; none for an alarm that has none. */
function cellNames(cells: unknown, input: unknown, manifest: Manifest | undefined): string[] {
  const inputs = manifest?.inputs ?? [];
  const described = inputs.find(({ name }) => name === input) ?? inputs[0];
  if (!described || !Array.isArray(cells)) return [];
  const names = featureNames(described, described.regions);
  return cells.flatMap((cell) => names[Number(cell)] ?? []);
}

/** What an alarm's first cell is called there, where features of several inputs are called by theirs too. */
function featureOf(
  { subject, evidence }: Alarm,
  run: RunEntry,
  method: string,
  manifest: Manifest | undefined,
): string {
  const [name] = cellNames(evidence.cells, evidence.input, manifest);
  const several = tagsOf(run, "importance").filter(([, by]) => by === method).length > 1;
  const kind = manifest?.inputs.find((input) => input.name === evidence.input)?.kind;
  return name === undefined ? subject : several && kind !== "tabular" ? `${evidence.input} ${name}` : name;
}

/** "A1", or from the first to the last: "A1–B2"; "" where the alarm names none. */
function cellsOf({ evidence }: Alarm, manifest: Manifest | undefined): string {
  const names = cellNames(evidence.cells, evidence.input, manifest);
  return names.length > 1 ? `${names[0]}–${names.at(-1)}` : (names[0] ?? "");
}

/** What is to be chosen, the epoch aside, to see what happened. */
export function alarmView(state: State, run: RunEntry, alarm: Alarm): Partial<State> {
  const manifest = state.manifests[run.run];
  const [method = ""] = methodsOf(state, run); // alarms of attributions are by the first
  const samples: Partial<State> = { view: "samples", method, sort: "drift", sample: null };
  const layer: Partial<State> = { view: "layers", layer: alarm.subject };
  const isLayer = ["health", "activation"].some((kind) => findTag(run, kind, alarm.subject) !== undefined);
  switch (kindOf(alarm)?.family) {
    case "shares":
      return findTag(run, "importance", method, manifest?.inputs[0]?.name ?? "")
        ? { view: "features", method, feature: featureOf(alarm, run, method, manifest) }
        : samples;
    case "samples":
      return { ...samples, against: "previous" }; // these compare a step with the one before
    case "layers":
      return layer;
    case "numbers":
      return isLayer
        ? layer
        : methodsOf(state, run).includes(alarm.subject)
          ? { ...samples, method: alarm.subject }
          : {};
    default:
      return {};
  }
}
