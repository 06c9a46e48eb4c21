import { describe, expect, test } from "vitest";
import type { ManifestLayer } from "../src/api";
import { followEdge, graphOf, inOrder, neighboursOf, ranksAndLanes } from "../src/views/layers_graph";
import { type Box, layoutOf, tracksOf } from "../src/views/layers_places";
import { layer } from "./manifest";

const NONE = new Set<string>();
const unlogged = { logged: false };
const of = (name: string, ...inbound: string[]): ManifestLayer => layer(name, { inbound });

/** conv → bn → relu, and around them: as many times as there are blocks. */
function residual(blocks: number): ManifestLayer[] {
  const layers = [layer("in", unlogged), of("stem", "in")];
  let last = "stem";
  for (let i = 0; i < blocks; i++) {
    layers.push(
      layer(`b${i}_conv`, { class_name: "Conv2D", inbound: [last] }),
      layer(`b${i}_bn`, { class_name: "BatchNormalization", inbound: [`b${i}_conv`] }),
      layer(`b${i}_relu`, { class_name: "Activation", inbound: [`b${i}_bn`] }),
      layer(`b${i}_add`, { class_name: "Add", inbound: [last, `b${i}_relu`], logged: false }),
    );
    last = `b${i}_add`;
  }
  return [...layers, of("head", last)];
}

/** Four branches of different lengths, as an Inception block has them, with two inputs and two outputs. */
const branched = [
  layer("image", unlogged),
  layer("row", unlogged),
  of("stem", "image"),
  of("a1", "stem"),
  of("b1", "stem"),
  of("b2", "b1"),
  of("c1", "stem"),
  of("c2", "c1"),
  of("c3", "c2"),
  of("d1", "row"),
  layer("join", { inbound: ["a1", "b2", "c3", "stem"], ...unlogged }),
  of("kind", "join"),
  of("size", "join", "d1"),
];

describe("the order of layers", () => {
  test("is their own, but none comes before what it reads from", () => {
    const layers = [of("c", "b"), of("a"), of("b", "a"), of("d", "c")];
    expect(inOrder(layers).map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  test("holds each layer once, whatever damaged connections say", () => {
    const layers = [of("a", "b", "c"), of("b", "a"), of("c", "gone"), of("d", "d")];
    expect(
      inOrder(layers)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["a", "b", "c", "d"]);
  });

  test("of a chain of thousands needs no deep stack", () => {
    const chain = Array.from({ length: 5000 }, (_, i) => of(`l${i}`, ...(i ? [`l${i - 1}`] : [])));
    expect(inOrder([...chain].reverse()).map(({ name }) => name)).toEqual(chain.map(({ name }) => name));
  });
});

describe("repeats", () => {
  const told = (layers: readonly ManifestLayer[], opened = NONE) =>
    graphOf(layers, true, opened).nodes.map(({ kind, layers: [first], period, layers: all }) =>
      kind === "fold" ? `${all.length} as ${period} from ${first.name}` : first.name,
    );

  test("are folded behind the first of them", () => {
    expect(told(residual(6))).toEqual([
      ...["in", "stem", "b0_conv", "b0_bn", "b0_relu", "b0_add"],
      "20 as 4 from b1_conv",
      "head",
    ]);
  });

  test("of a few layers stay, and so do all without folding", () => {
    expect(told(residual(2))).toHaveLength(2 + 8 + 1);
    expect(graphOf(residual(6), false, NONE).nodes).toHaveLength(2 + 24 + 1);
  });

  test("are shown where one of them is opened", () => {
    expect(told(residual(6), new Set(["b4_bn"]))).toHaveLength(2 + 24 + 1);
  });

  test("of one class are no longer alike where they read from elsewhere", () => {
    const chain = Array.from({ length: 12 }, (_, i) => of(`l${i}`, ...(i ? [`l${i - 1}`] : [])));
    expect(told(chain)).toEqual(["l0", "l1", "10 as 1 from l2"]);
    const star = Array.from({ length: 12 }, (_, i) => of(`l${i}`, ...(i ? ["l0"] : [])));
    expect(told(star)).toHaveLength(12);
  });

  test("keep their connections", () => {
    const { nodes, edges } = graphOf(residual(6), true, NONE);
    const fold = nodes.findIndex(({ kind }) => kind === "fold");
    expect(edges).toContainEqual({ from: fold - 1, to: fold });
    expect(edges).toContainEqual({ from: fold, to: fold + 1 });
    expect(edges.every(({ from, to }) => from < to)).toBe(true);
  });
});

test("a model whose connections were not logged is a chain, and inputs that nobody reads are left out", () => {
  const lonely = graphOf([of("a"), of("b"), of("c")], false, NONE);
  expect(lonely.edges).toEqual([
    { from: 0, to: 1 },
    { from: 1, to: 2 },
  ]);
  const unread = layer("in", { class_name: "InputLayer", ...unlogged });
  expect(graphOf([unread, of("a"), of("b", "a")], false, NONE).nodes).toHaveLength(2);
  expect(graphOf([unread], false, NONE).nodes).toHaveLength(1);
});

describe("lanes", () => {
  const lanes = (layers: readonly ManifestLayer[]) => {
    const graph = graphOf(layers, false, NONE);
    const places = ranksAndLanes(graph);
    return new Map(graph.nodes.map((node, i) => [node.layers[0].name, places[i]]));
  };

  test("hold a branch each, and one where all meet", () => {
    const found = lanes(branched);
    expect(new Set(["a1", "b1", "c1", "d1"].map((name) => found.get(name)?.lane)).size).toBe(4);
    expect(found.get("b2")?.lane).toBe(found.get("b1")?.lane);
    expect(found.get("join")).toEqual({ rank: 5, lane: 0 });
  });

  test("are not needed for a residual connection", () => {
    expect([...lanes(residual(3)).values()].every(({ lane }) => lane === 0)).toBe(true);
  });

  test("never have two layers in one place", () => {
    for (const layers of [branched, residual(5)]) {
      const places = [...lanes(layers).values()].map(({ rank, lane }) => `${rank} ${lane}`);
      expect(new Set(places).size).toBe(places.length);
    }
  });
});

describe("places on the page", () => {
  const within = (a: number, b: number, low: number, high: number) =>
    Math.max(a, b) > low + 0.5 && Math.min(a, b) < high - 0.5;
  const crosses = ([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], box: Box) =>
    within(x1, x2 + 1e-6, box.left, box.left + box.width) && within(y1, y2 + 1e-6, box.top, box.top + box.height);

  test.each([
    ["a residual network", residual(5), 1168],
    ["branches", branched, 1168],
    ["branches on a small page", branched, 500],
  ])("of %s: no two overlap, and no line runs through a layer", (_, layers, room) => {
    const graph = graphOf(layers, false, NONE);
    const { boxes, paths, width, height } = layoutOf(graph, room);
    boxes.forEach((box, i) => {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(width);
      expect(box.top + box.height).toBeLessThanOrEqual(height);
      for (const other of boxes.slice(i + 1)) {
        const apart =
          other.left >= box.left + box.width ||
          box.left >= other.left + other.width ||
          other.top >= box.top + box.height ||
          box.top >= other.top + other.height;
        expect(apart).toBe(true);
      }
    });
    graph.edges.forEach(({ from, to }, i) => {
      paths[i].slice(1).forEach((point, k) => {
        boxes.forEach((box, node) => {
          if (node !== from && node !== to) expect(crosses(paths[i][k], point, box)).toBe(false);
        });
      });
      expect(paths[i][0][0]).toBeCloseTo(boxes[from].left + boxes[from].width, 6);
      expect(paths[i].at(-1)?.[0]).toBeCloseTo(boxes[to].left, 6);
    });
  });

  test("grow with the page, up to a limit", () => {
    const graph = graphOf([of("a"), of("b", "a")], false, NONE);
    const [small, large, huge] = [300, 500, 3000].map((room) => layoutOf(graph, room).boxes[0].width);
    expect(small).toBeLessThan(large);
    expect(huge).toBe(300);
    expect(layoutOf({ nodes: [], edges: [] }, 500)).toMatchObject({ width: 0, height: 0 });
  });

  test("cards are lower where there are several lanes", () => {
    expect(layoutOf(graphOf(branched, false, NONE), 1168).low).toBe(true);
    expect(layoutOf(graphOf(residual(3), false, NONE), 1168).low).toBe(false);
  });

  test("lines that pass at once have tracks of their own, short ones inside", () => {
    expect(tracksOf([[0, 9], null, [1, 3], [3, 6], [2, 5]])).toEqual({ track: [2, -1, 0, 0, 1], count: 3 });
  });
});

describe("connections", () => {
  const graph = graphOf(branched, false, NONE);
  const edge = (from: string, to: string) => {
    const at = (name: string) => graph.nodes.findIndex(({ layers: [{ name: own }] }) => own === name);
    return { from: at(from), to: at(to) };
  };

  test("lead to the next layer with a card, and from there back", () => {
    expect(followEdge(graph, edge("stem", "b1"), "stem")).toBe("b1");
    expect(followEdge(graph, edge("stem", "b1"), "b1")).toBe("stem");
    expect(followEdge(graph, edge("b2", "join"), "b2")).toBe("kind");
    expect(followEdge(graph, edge("image", "stem"), "stem")).toBe("stem");
  });

  test("are told as layers, through those without a card", () => {
    expect(neighboursOf(branched, "kind")).toEqual({ before: ["a1", "b2", "c3", "stem"], after: [] });
    expect(neighboursOf(branched, "stem").after).toEqual(["a1", "b1", "c1", "kind", "size"]);
    expect(neighboursOf(branched, "gone")).toEqual({ before: [], after: [] });
  });
});
