/** Layers of a model and their health by epoch. */

import { isAbout } from "../alarm_kinds";
import type { Alarm, ManifestLayer, Run, Series } from "../api";
import { thousands } from "../format";
import type { RunEntry } from "../state";
import { findTag, tagsOf } from "../tags";

/** The figures of `health/<layer>` in the order they are logged; NaN where a figure has no meaning. */
export const HEALTH = ["dead", "saturated", "gradient", "update", "shift", "weight", "nonFinite"] as const;
export type Health = (typeof HEALTH)[number];

/** One figure at all steps. */
export const healthCurve = (series: Series, figure: Health): number[] =>
  series.steps.map((_, i) => series.at(i)[HEALTH.indexOf(figure)]);

/** One figure at the step of that index; NaN where the index is −1. */
export const healthAt = (series: Series, figure: Health, index: number): number =>
  index < 0 ? Number.NaN : series.at(index)[HEALTH.indexOf(figure)];

/** What alarms take for out of order; http_api.md has them. An alarm that went off names its own. */
export const LIMITS: Partial<Record<Health, number>> = { dead: 0.5, saturated: 0.3, nonFinite: 0 };

export const isOver = (figure: Health, value: number): boolean => value > (LIMITS[figure] ?? Number.POSITIVE_INFINITY);

/** "dense:1" → ["dense", 1]; the first call of a layer has no number. */
export function callOf(name: string): [layer: string, call: number] {
  const found = /^(.*):(\d+)$/.exec(name);
  return found ? [found[1], Number(found[2])] : [name, 0];
}

/**
 * The model's layers with the further calls of those that are called several times, which are logged beside them: each call
 * reads from the same call of what the layer reads from, where that was called again too.
 *
 * @param logged  names with health
 */
export function withCalls(layers: readonly ManifestLayer[], logged: readonly string[]): ManifestLayer[] {
  const names = new Set(layers.map(({ name }) => name));
  const calls = new Map<string, number[]>();
  for (const name of logged) {
    const [layer, call] = callOf(name);
    if (!names.has(name) && names.has(layer))
      calls.set(
        layer,
        [...(calls.get(layer) ?? []), call].sort((a, b) => a - b),
      );
  }
  if (!calls.size) return [...layers];
  const again = (name: string, call: number) => (calls.get(name)?.includes(call) ? `${name}:${call}` : name);
  /** What reads from a layer twice reads from two calls of it. */
  const readers = (inbound: readonly string[]) =>
    inbound.map((name, i) => again(name, inbound.slice(0, i).filter((other) => other === name).length));
  return layers.flatMap((layer) => [
    { ...layer, inbound: readers(layer.inbound) },
    ...(calls.get(layer.name) ?? []).map((call) => ({
      ...layer,
      name: `${layer.name}:${call}`,
      inbound: layer.inbound.map((name) => again(name, call)),
    })),
  ]);
}

const shapeText = ({ output_shape }: ManifestLayer): string =>
  output_shape.map((length) => (length < 0 ? "?" : length)).join(" × ");

const callText = ({ name }: ManifestLayer): string => {
  const [, call] = callOf(name);
  return call ? `call ${call + 1}` : "";
};

const listed = (...parts: readonly string[]): string => parts.filter(Boolean).join(", ");

/** "Conv2D, 24 × 24 × 8, relu"; of a further call "…, call 2" */
export const layerSummary = (layer: ManifestLayer): string =>
  listed(layer.class_name, shapeText(layer), layer.activation, callText(layer));

/** The same on two lines: "Conv2D, relu" and its size, "24 × 24 × 8, 584 parameters". */
export const layerKind = (layer: ManifestLayer): string => listed(layer.class_name, layer.activation, callText(layer));
export const layerSize = (layer: ManifestLayer): string => listed(shapeText(layer), parametersText(layer));

/** "584 parameters"; "" of a layer without any. */
export function parametersText({ parameters }: ManifestLayer): string {
  const count = Number(parameters);
  return count > 0 ? `${thousands(count)} parameter${count === 1 ? "" : "s"}` : "";
}

/** Kinds of tags that are pictures of a layer. */
export const PICTURES = ["attention", "maps", "maximized"] as const;
export type PictureKind = (typeof PICTURES)[number];

const PICTURE_TITLES: Record<PictureKind, string> = {
  attention: "attention",
  maps: "what channels see",
  maximized: "what units look for",
};

/** What pictures a run has of a layer. */
export const picturesOf = (run: Run, layer: string): PictureKind[] =>
  PICTURES.filter((kind) => findTag(run, kind, layer) !== undefined);

/** "attention, what channels see" */
export const picturesText = (kinds: readonly PictureKind[]): string =>
  kinds.map((kind) => PICTURE_TITLES[kind]).join(", ");

/** The model's layers as its log has them; the same objects until the run or its manifest is read anew. A layer with pictures alone counts as logged. */
export function loggedLayers(run: RunEntry, layers: readonly ManifestLayer[]): ManifestLayer[] {
  const pictured = new Set(PICTURES.flatMap((kind) => tagsOf(run, kind).map(([, name]) => name)));
  const names = tagsOf(run, "health").map(([, name]) => name);
  return withCalls(layers, [...new Set([...names, ...pictured])]).map((layer) =>
    layer.logged || !pictured.has(layer.name) ? layer : { ...layer, logged: true },
  );
}

/** A layer's alarms up to a step, newest last. */
export const alarmsUntil = (alarms: readonly Alarm[], layer: string, step: number | null): Alarm[] =>
  alarms.filter((alarm) => isAbout(alarm, layer) && step !== null && alarm.step <= step);

/** Which figure an alarm is about, by its kind. */
export function alarmedFigure({ kind }: Alarm): Health | undefined {
  if (kind === "distribution_jump") return "shift";
  if (kind.startsWith("dead")) return "dead";
  if (kind === "non_finite") return "nonFinite";
  return kind.startsWith("saturat") ? "saturated" : undefined;
}

/** The layer after or before the chosen one among those with a card. */
export function neighbour(names: readonly string[], chosen: string, by: number): string {
  const at = names.indexOf(chosen);
  return names[at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + by))] ?? "";
}
