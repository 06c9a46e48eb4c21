/**
 * A model as a graph of cards (logged layers), chips (the others) and folds (repeats), laid out from left to right: a column a
 * rank, branches one below the other in lanes, connections that pass over others in tracks above all lanes.
 */
import type { ManifestLayer } from "../api";

/** What stands at one place. `layers` has one layer, but of a fold those that it stands for. */
export interface Node {
  kind: "card" | "chip" | "fold";
  layers: readonly ManifestLayer[];
  /** How many layers of the model repeat within a fold. */
  period: number;
}

export interface Edge {
  /** Indices of nodes. */
  from: number;
  to: number;
}

export interface Graph {
  nodes: readonly Node[];
  edges: readonly Edge[];
}

/** Layers in an order in which each comes after those it reads from, as near to their own as can be. */
export function inOrder(layers: readonly ManifestLayer[]): ManifestLayer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const placed = new Set<ManifestLayer>();
  const order: ManifestLayer[] = [];
  // Without recursion: a chain may be longer than the stack. What reads from itself is placed when it is met again.
  for (const layer of layers) {
    const stack = [layer];
    while (stack.length) {
      const last = stack[stack.length - 1];
      const before = last.inbound.map((name) => byName.get(name)).find((one) => one && !placed.has(one));
      if (before && !stack.includes(before)) stack.push(before);
      else {
        stack.pop();
        if (!placed.has(last)) order.push(last);
        placed.add(last);
      }
    }
  }
  return order;
}

const LONGEST_PERIOD = 40;
/** Repeats that are folded take at least as many places as this. */
const LEAST_FOLDED = 6;

/** What repeats has the same classes in the same order, reading from as far back; sizes may grow from block to block. */
const kindsOf = (layers: readonly ManifestLayer[]): string[] => {
  const at = new Map(layers.map(({ name }, i) => [name, i]));
  return layers.map(({ class_name, activation, inbound, logged }, i) =>
    [class_name, activation, logged, ...inbound.map((name) => i - (at.get(name) ?? i))].join(" "),
  );
};

/** How many layers from `start` on repeat with that period, the first included: a multiple of it. */
function repeated(kinds: readonly string[], start: number, period: number): number {
  let end = start + period;
  while (end < kinds.length && kinds[end] === kinds[end - period]) end++;
  return end - start - ((end - start) % period);
}

/** All layers as nodes; of what repeats the first is shown, the others are a fold each row of them. */
function foldedNodes(layers: readonly ManifestLayer[]): Node[] {
  const kinds = kindsOf(layers);
  const nodes: Node[] = [];
  for (let at = 0; at < layers.length; ) {
    let [period, length] = [1, 1];
    for (let tried = 1; tried <= LONGEST_PERIOD && at + 2 * tried <= layers.length; tried++) {
      const found = repeated(kinds, at, tried);
      if (found - tried >= LEAST_FOLDED && found > length) [period, length] = [tried, found];
    }
    nodes.push(...layers.slice(at, at + period).map(single));
    const rest = layers.slice(at + period, at + length);
    if (rest.length) nodes.push({ kind: "fold", layers: rest, period });
    at += Math.max(length, period);
  }
  return nodes;
}

/** An input that nobody is known to read says nothing. */
function withoutUnread(layers: readonly ManifestLayer[]): readonly ManifestLayer[] {
  const read = new Set(layers.flatMap(({ inbound }) => inbound));
  const shown = layers.filter(({ class_name, name }) => class_name !== "InputLayer" || read.has(name));
  return shown.length ? shown : layers;
}

const single = (layer: ManifestLayer): Node => ({ kind: layer.logged ? "card" : "chip", layers: [layer], period: 1 });

/**
 * @param fold    whether repeats are folded
 * @param opened  names of layers whose fold is open
 */
export function graphOf(layers: readonly ManifestLayer[], fold: boolean, opened: ReadonlySet<string>): Graph {
  const order = inOrder(withoutUnread(layers));
  const nodes = (fold ? foldedNodes(order) : order.map(single)).flatMap((node) =>
    node.kind === "fold" && node.layers.some(({ name }) => opened.has(name)) ? node.layers.map(single) : [node],
  );
  const at = new Map(nodes.flatMap((node, i) => node.layers.map(({ name }) => [name, i] as const)));
  const seen = new Set<string>();
  const edges = nodes.flatMap((node, to) =>
    node.layers.flatMap(({ inbound }) =>
      inbound.flatMap((name): Edge[] => {
        const from = at.get(name);
        const key = `${from} ${to}`;
        // What reads from a later one would have to be drawn backwards: layers that are called twice do.
        if (from === undefined || from >= to || seen.has(key)) return [];
        seen.add(key);
        return [{ from, to }];
      }),
    ),
  );
  return { nodes, edges: edges.length ? edges : chain(nodes.length) };
}

/** Of a model whose connections nobody logged: one after the other. */
const chain = (count: number): Edge[] =>
  Array.from({ length: Math.max(0, count - 1) }, (_, i) => ({ from: i, to: i + 1 }));

// ------------------------------------------------------------------------------------ places

export interface Placed {
  rank: number;
  lane: number;
}

/** Each node's column, one past the last of those it reads from, and its lane: that of a branch it goes on with, else the first free one. */
export function ranksAndLanes({ nodes, edges }: Graph): Placed[] {
  const before: number[][] = nodes.map(() => []);
  const after: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) {
    before[to].push(from);
    after[from].push(to);
  }
  const rank = nodes.map(() => 0);
  nodes.forEach((_, i) => {
    rank[i] = before[i].reduce((most, from) => Math.max(most, rank[from] + 1), 0);
  });
  const lane = nodes.map(() => -1);
  /** The last node of each lane. */
  const tails: number[] = [];
  const order = nodes.map((_, i) => i).sort((a, b) => rank[a] - rank[b] || a - b);
  for (const i of order) {
    const own = before[i].map((from) => lane[from]).filter((at) => before[i].includes(tails[at]));
    const free = (at: number) =>
      tails[at] === undefined || (rank[tails[at]] < rank[i] && isDone(after[tails[at]], lane));
    let at = own.length ? Math.min(...own) : 0;
    while (!own.length && !free(at)) at++;
    lane[i] = at;
    tails[at] = i;
  }
  return nodes.map((_, i) => ({ rank: rank[i], lane: lane[i] }));
}

/** Whether a branch has gone on: its lane is free for another. */
const isDone = (readers: readonly number[], lane: readonly number[]): boolean =>
  readers.every((reader) => lane[reader] >= 0);

// ------------------------------------------------------------------------------- going along

/** The first cards up- or downstream of a node, through what is no card. */
function cardsFrom({ nodes, edges }: Graph, start: number, down: boolean): string[] {
  const found = new Set<string>();
  const seen = new Set([start]);
  for (const at of seen) {
    if (nodes[at].kind === "card") found.add(nodes[at].layers[0].name);
    else
      for (const edge of edges) {
        if ((down ? edge.from : edge.to) === at) seen.add(down ? edge.to : edge.from); // a Set is walked while it grows
      }
  }
  return [...found];
}

/** The layer that a connection leads to; from there, the one that it comes from. Undefined where it leads to no card. */
export function followEdge(graph: Graph, { from, to }: Edge, chosen: string): string | undefined {
  const [before, after] = [cardsFrom(graph, from, false), cardsFrom(graph, to, true)];
  return after.length && !after.includes(chosen) ? after[0] : (before[0] ?? after[0]);
}

/** The layers with a card that a layer reads from, and those that read from it, through what has none. */
export function neighboursOf(layers: readonly ManifestLayer[], name: string): { before: string[]; after: string[] } {
  const graph = graphOf(layers, false, new Set());
  const at = graph.nodes.findIndex((node) => node.layers[0].name === name);
  const along = (down: boolean) =>
    graph.edges.flatMap((edge) =>
      (down ? edge.from : edge.to) === at ? cardsFrom(graph, down ? edge.to : edge.from, down) : [],
    );
  return { before: [...new Set(along(false))], after: [...new Set(along(true))] };
}
