/** Layers of a model and their health by epoch. */

import { isAbout } from "../alarm_kinds";
import type { Alarm, ManifestLayer, Series } from "../api";
import type { RunEntry } from "../state";
import { tagsOf } from "../tags";

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

/** "Conv2D, 24 × 24 × 8, relu"; of a further call "…, call 2" */
export function layerSummary({ name, class_name, output_shape, activation }: ManifestLayer): string {
  const [, call] = callOf(name);
  const shape = output_shape.map((length) => (length < 0 ? "?" : length)).join(" × ");
  return [class_name, shape, activation, call ? `call ${call + 1}` : ""].filter(Boolean).join(", ");
}

/** The model's layers as its log has them; the same objects until the run or its manifest is read anew. */
export const loggedLayers = (run: RunEntry, layers: readonly ManifestLayer[]): ManifestLayer[] =>
  withCalls(
    layers,
    tagsOf(run, "health").map(([, name]) => name),
  );

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
