/** Where the nodes and edges of a model's graph lie on the page, in CSS pixels. */
import { type Edge, type Graph, type Node, ranksAndLanes } from "./layers_graph";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Layout {
  /** Whether there are several lanes, in which cards are lower. */
  low: boolean;
  boxes: readonly Box[];
  /** Of each edge the corners that it goes through: x and y. */
  paths: readonly (readonly (readonly [x: number, y: number])[])[];
  width: number;
  height: number;
}

/** Where branches lie one below the other, cards are lower. */
export const CARD = { least: 168, most: 300, height: 174, low: 134 } as const;
const CHIP = { least: 40, most: 108, height: 24 } as const;
const FOLD_WIDTH = 108;
/** From the top of a lane to where lines come in. */
const LINE = 24;
/** Between columns, without and with lines that change their lane there. */
const GAP = 12;
const WIDE_GAP = 26;
const LANE_GAP = 12;
const TRACK = 8;
/** About as wide as a letter. */
const LETTER = 7.6;

const widthOf = ({ kind, layers: [layer] }: Node, card: number): number => {
  if (kind !== "chip") return kind === "card" ? card : FOLD_WIDTH;
  const text = layer.name.split("/").at(-1) ?? "";
  return Math.min(CHIP.most, Math.max(CHIP.least, Math.ceil(text.length * LETTER) + 18));
};

/** @param room  width of the page's part for it; cards grow up to a limit to fill it */
export function layoutOf(graph: Graph, room: number): Layout {
  const { nodes, edges } = graph;
  if (!nodes.length) return { low: false, boxes: [], paths: [], width: 0, height: 0 };
  const places = ranksAndLanes(graph);
  const ranks = 1 + Math.max(...places.map(({ rank }) => rank));
  const taken = new Set(places.map(({ rank, lane }) => `${rank} ${lane}`));
  /** Whether nothing stands between two nodes in the lane of the first. */
  const isFree = ({ from, to }: Edge): boolean => {
    for (let rank = places[from].rank + 1; rank < places[to].rank; rank++) {
      if (taken.has(`${rank} ${places[from].lane}`)) return false;
    }
    return true;
  };
  const passes = edges.map((edge) => !isFree(edge));
  const bends = edges.map(({ from, to }, i) => passes[i] || places[from].lane !== places[to].lane);
  const gaps = new Array<number>(ranks).fill(GAP); // before each column
  edges.forEach(({ from, to }, i) => {
    if (!bends[i]) return;
    gaps[places[to].rank] = WIDE_GAP;
    gaps[places[from].rank + 1] = WIDE_GAP;
  });
  gaps[0] = 0;

  const columns = (card: number): number[] => {
    const widths = new Array<number>(ranks).fill(0);
    nodes.forEach((node, i) => {
      widths[places[i].rank] = Math.max(widths[places[i].rank], widthOf(node, card));
    });
    return widths;
  };
  const sum = (lengths: readonly number[]) => lengths.reduce((a, b) => a + b, 0);
  const least = columns(CARD.least);
  const cards = new Set(nodes.flatMap(({ kind }, i) => (kind === "card" ? [places[i].rank] : []))).size;
  const spare = Math.max(0, room - sum(least) - sum(gaps)) / Math.max(1, cards);
  const card = Math.min(CARD.most, Math.floor(CARD.least + spare));
  const widths = columns(card);
  const lefts = widths.map((_, rank) => sum(widths.slice(0, rank)) + sum(gaps.slice(0, rank + 1)));

  const tracks = tracksOf(edges.map(({ from, to }, i) => (passes[i] ? [places[from].rank, places[to].rank] : null)));
  const head = tracks.count ? TRACK * tracks.count + LANE_GAP : 0;
  const lanes = 1 + Math.max(...places.map(({ lane }) => lane));
  const low = lanes > 1;
  const tall = low ? CARD.low : CARD.height;
  const heights = new Array<number>(lanes).fill(2 * LINE);
  nodes.forEach(({ kind }, i) => {
    if (kind === "card") heights[places[i].lane] = tall;
  });
  const tops = heights.map((_, lane) => head + sum(heights.slice(0, lane)) + lane * LANE_GAP);

  const boxes = nodes.map((node, i) => {
    const { rank, lane } = places[i];
    const width = node.kind === "card" ? card : widthOf(node, card);
    const height = node.kind === "card" ? tall : node.kind === "chip" ? CHIP.height : 2 * LINE;
    const top = tops[lane] + (node.kind === "card" ? 0 : LINE - height / 2);
    // Narrower ones stand in the middle of their column.
    return { left: lefts[rank] + (widths[rank] - width) / 2, top, width, height };
  });
  const y = (i: number) => tops[places[i].lane] + LINE;
  const right = (i: number) => boxes[i].left + boxes[i].width;
  const paths = edges.map(({ from, to }, i): [number, number][] => {
    const [x1, y1, x2, y2] = [right(from), y(from), boxes[to].left, y(to)];
    if (!bends[i])
      return [
        [x1, y1],
        [x2, y2],
      ];
    const [out, into] = [
      lefts[places[from].rank] + widths[places[from].rank] + WIDE_GAP / 2 - 3,
      lefts[places[to].rank] - WIDE_GAP / 2 + 3,
    ];
    if (!passes[i])
      return [
        [x1, y1],
        [into, y1],
        [into, y2],
        [x2, y2],
      ];
    const over = head - LANE_GAP / 2 - TRACK * tracks.track[i] - TRACK / 2;
    return [
      [x1, y1],
      [out, y1],
      [out, over],
      [into, over],
      [into, y2],
      [x2, y2],
    ];
  });
  const last = lanes - 1;
  return { low, boxes, paths, width: lefts[ranks - 1] + widths[ranks - 1], height: tops[last] + heights[last] };
}

/** The lowest track that each span of ranks has for itself; −1 for none. Short ones first, so that long ones go around them. */
export function tracksOf(spans: readonly (readonly number[] | null)[]): { track: number[]; count: number } {
  const track = spans.map(() => -1);
  const ends: [number, number][][] = [];
  const order = spans.flatMap((span, i) => (span ? [{ i, from: span[0], to: span[1] }] : []));
  order.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);
  for (const { i, from, to } of order) {
    let at = 0;
    while (ends[at]?.some(([first, last]) => first < to && from < last)) at++;
    ends[at] ??= [];
    ends[at].push([from, to]);
    track[i] = at;
  }
  return { track, count: ends.length };
}
