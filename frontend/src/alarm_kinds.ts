/** What alarms are about: their families, each with its sign, and which view shows what happened. A newer server's kinds belong to no family. */
import type { Alarm, Manifest } from "./api";
import type { Sign } from "./charts/signs";
import { percent } from "./format";
import { methodTitle } from "./methods";
import { methodsOf, type RunEntry } from "./state";
import type { State } from "./store";
import { findTag } from "./tags";
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
const namesIn = ({ subject, evidence }: Alarm): string[] => [
  subject,
  ...(Array.isArray(evidence.others) ? evidence.others.map(String) : []),
];

export const isAbout = (alarm: Alarm, name: string): boolean => namesIn(alarm).includes(name);

/** Whether it is about a feature, by its name or as one of a region's cells. */
export const isAboutFeature = (alarm: Alarm, feature: string, manifest: Manifest | undefined): boolean =>
  alarm.subject === feature || cellNames(alarm, manifest).includes(feature);

/** Its sentence without the step's name, methods by their titles. */
export function alarmText(alarm: Alarm, manifest: Manifest | undefined): string {
  const text = alarm.text.replace(/^(start|(epoch|batch) [^:]*): /i, "");
  const methods = namesIn(alarm).filter((name) => manifest?.methods.some((method) => method.name === name));
  return methods.reduce((said, name) => said.replace(name, methodTitle(name)), text);
}

/** What the cells of an alarm of shares are called in the Features view; none for another alarm. */
function cellNames({ evidence }: Alarm, manifest: Manifest | undefined): string[] {
  const inputs = manifest?.inputs ?? [];
  const input = inputs.find(({ name }) => name === evidence.input) ?? inputs[0];
  if (!input || !Array.isArray(evidence.cells)) return [];
  const names = featureNames(input, input.regions);
  return evidence.cells.flatMap((cell) => names[Number(cell)] ?? []);
}

/** "A1", or from the first to the last: "A1–B2"; "" where the alarm names none. */
function cellsOf(alarm: Alarm, manifest: Manifest | undefined): string {
  const names = cellNames(alarm, manifest);
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
        ? { view: "features", method, feature: cellNames(alarm, manifest)[0] ?? alarm.subject }
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
