/** What channels see, as numbers to draw. */
import { magnitudeAt } from "../charts/color";
import type { Cells } from "../charts/overlay";
import { type Table, tableOf } from "../downloads";
import type { ChannelMaps } from "../layer_frames";
import { differenceOf } from "./layers_attention_model";
import type { Moment } from "./layers_moments";
import { allOf, sampleOf } from "./samples_model";

export const CLIP_PERCENTILE = 99;

/** One channel's map of one sample, by their places in the frame. */
export function mapOf({ maps }: ChannelMaps, sample: number, channel: number): Cells {
  const [, height, width, channels] = maps.shape;
  const all = sampleOf(maps, sample);
  return { data: Float32Array.from({ length: height * width }, (_, i) => all[i * channels + channel]), height, width };
}

/** The same channel and sample in another frame; undefined where that lacks one of them, or is of another size. */
function counterpart(
  now: ChannelMaps,
  other: ChannelMaps | undefined,
  sample: number,
  channel: number,
): Cells | undefined {
  const [at, of] = [
    other?.samples.indexOf(now.samples[sample]) ?? -1,
    other?.channels.indexOf(now.channels[channel]) ?? -1,
  ];
  if (!other || at < 0 || of < 0) return undefined;
  const map = mapOf(other, at, of);
  const [, height, width] = now.maps.shape;
  return map.height === height && map.width === width ? map : undefined;
}

export function mapAt(
  now: ChannelMaps,
  reference: ChannelMaps | undefined,
  moment: Moment,
  sample: number,
  channel: number,
): Cells | undefined {
  if (moment === "now") return mapOf(now, sample, channel);
  const before = counterpart(now, reference, sample, channel);
  if (moment === "reference" || !before) return before;
  const own = mapOf(now, sample, channel);
  return { ...own, data: differenceOf(own.data, before.data) };
}

/** Where the scale of the layer ends: over all maps that are shown, now and at the reference. */
export const mapLimit = (now: ChannelMaps, reference: ChannelMaps | undefined): number =>
  magnitudeAt(
    [now, reference].flatMap((frame) => (frame ? [allOf(frame.maps)] : [])),
    CLIP_PERCENTILE,
  );

/** Whether any value lies below zero: the layer does not rectify. */
export const hasSign = (now: ChannelMaps, reference: ChannelMaps | undefined): boolean =>
  [now, reference].some((frame) => frame && Array.prototype.some.call(frame.maps.data, (value: number) => value < 0));

/** The place of the cell at parts of a map's height and width. */
export const cellAt = ({ height, width }: Cells, across: number, down: number): [row: number, column: number] => [
  Math.min(height - 1, Math.max(0, Math.floor(down * height))),
  Math.min(width - 1, Math.max(0, Math.floor(across * width))),
];

/** The largest finite value; NaN where there is none. */
export function largest({ data }: Cells): number {
  let most = Number.NaN;
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i]) && !(data[i] <= most)) most = data[i];
  return most;
}

/** A row a channel, sample and cell. */
export function mapsTable(
  now: ChannelMaps,
  reference: ChannelMaps | undefined,
  name: (sample: number) => string,
): Table {
  const cells = now.channels.flatMap((channel, of) =>
    now.samples.flatMap((sample, at) => {
      const [own, before] = [mapOf(now, at, of), counterpart(now, reference, at, of)];
      return Array.from(own.data, (value, i) => ({
        channel,
        sample,
        value,
        was: before?.data[i] ?? null,
        i,
        width: own.width,
      }));
    }),
  );
  return tableOf(cells, {
    channel: ({ channel }) => channel,
    sample: ({ sample }) => name(sample),
    row: ({ i, width }) => Math.floor(i / width),
    column: ({ i, width }) => i % width,
    activation: ({ value }) => value,
    activation_at_reference: ({ was }) => was,
  });
}
