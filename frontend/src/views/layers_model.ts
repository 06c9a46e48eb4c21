/** Layers of a model: their health by epoch, and how the strip of cards is made of them. */

import { isAbout } from "../alarm_kinds";
import type { Alarm, ManifestLayer, Series } from "../api";

/** The figures of `health/<layer>` in the order they are logged; NaN where a figure has no meaning. */
export const HEALTH = ["dead", "saturated", "gradient", "update", "shift", "weight", "nonFinite"] as const;
export type Health = (typeof HEALTH)[number];

/** One figure at all steps. */
export const healthCurve = (series: Series, figure: Health): number[] =>
  series.steps.map((_, i) => series.at(i)[HEALTH.indexOf(figure)]);

/** One figure at the step of that index; NaN where the index is −1. */
export const healthAt = (series: Series, figure: Health, index: number): number =>
  index < 0 ? Number.NaN : series.at(index)[HEALTH.indexOf(figure)];

/** A piece of the strip: a card for a logged layer, or the layers between two cards as chips. */
export type StripPiece = { card: ManifestLayer } | { chips: ManifestLayer[] };

/** Cards and chips in the model's order; neighbouring layers that are not logged share a place. */
export function strip(layers: readonly ManifestLayer[]): StripPiece[] {
  const pieces: StripPiece[] = [];
  for (const layer of layers) {
    const last = pieces.at(-1);
    if (layer.logged) pieces.push({ card: layer });
    else if (last && "chips" in last) last.chips.push(layer);
    else pieces.push({ chips: [layer] });
  }
  return pieces;
}

/** Layers a card reads from where that is not simply the one before it. */
export function branchesFrom(layers: readonly ManifestLayer[], layer: ManifestLayer): string[] {
  const before = layers[layers.indexOf(layer) - 1]?.name;
  return layer.inbound.length === 1 && (before === undefined || layer.inbound[0] === before) ? [] : layer.inbound;
}

/** "Conv2D, 24 × 24 × 8, relu" */
export const layerSummary = ({ class_name, output_shape, activation }: ManifestLayer): string =>
  [class_name, output_shape.map((length) => (length < 0 ? "?" : length)).join(" × "), activation]
    .filter(Boolean)
    .join(", ");

/** A layer's alarms up to a step, newest last. */
export const alarmsUntil = (alarms: readonly Alarm[], layer: string, step: number | null): Alarm[] =>
  alarms.filter((alarm) => isAbout(alarm, layer) && step !== null && alarm.step <= step);

/** Which figure an alarm is about, by its kind. */
export function alarmedFigure({ kind }: Alarm): Health | undefined {
  if (kind === "distribution_jump") return "shift";
  if (kind.startsWith("dead")) return "dead";
  return kind.startsWith("saturat") ? "saturated" : undefined;
}

/** The layer after or before the chosen one among those with a card. */
export function neighbour(names: readonly string[], chosen: string, by: number): string {
  const at = names.indexOf(chosen);
  return names[at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + by))] ?? "";
}
