/**
 * `<explain-layer-strip>`: the model from left to right: cards, chips, folded repeats, and what reads from what.
 * What is out of sight does not exist, so that a model of hundreds of layers is drawn as soon as one of ten.
 *
 * @property run     the focus run
 * @property graph   what is shown
 * @property chosen  name of the layer that details are of; scrolled to when it changes
 * @property found   names of layers that are sought; the others step back. Undefined where nothing is sought
 * @property sought  name of the one to scroll to
 * @fires choose  detail: a layer's name
 * @fires unfold  detail: the folded layers' names
 */
import { css, html, LitElement, type PropertyValues, svg } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import { onResize } from "../elements/resize";
import { memo } from "../memo";
import type { RunEntry } from "../state";
import { base } from "../styles";
import "./layers_card";
import { type Edge, followEdge, type Graph, type Node } from "./layers_graph";
import { layerSummary } from "./layers_model";
import { type Box, layoutOf } from "./layers_places";

/** Pixels beside what is in sight that exist already, and by how much one may scroll before that is looked after. */
const BEYOND = 400;
const STRIDE = 200;
/** A chosen card stands at least so far from the strip's ends. */
const MARGIN = 24;

@customElement("explain-layer-strip")
export class LayerStrip extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .sight { overflow: auto; max-height: min(420px, 50vh); padding: 2px 2px 12px; margin: 0 -2px; scrollbar-width: thin; }
      .all { position: relative; }
      .all > :not(svg) { position: absolute; }
      svg { position: absolute; inset: 0; overflow: visible; pointer-events: none; }
      path { fill: none; stroke: var(--line2); stroke-linejoin: round; }
      path.near { stroke: var(--accent); stroke-width: 1.5; }
      path.hit { stroke: transparent; stroke-width: 10; pointer-events: stroke; cursor: pointer; }
      path.hit:hover { stroke: var(--accent); stroke-opacity: 0.25; }
      .chip { padding: 3px 6px; border: 1px solid var(--line2); border-radius: 12px; color: var(--ink2); background: var(--bg); text-align: center; }
      .chip.end-first { text-align: center; }
      .fold { padding: 0 8px; border: 1px dashed var(--line2); border-radius: 6px; background: var(--sunk); color: var(--ink2); cursor: pointer; }
      .fold:hover { border-color: var(--ink3); }
      .fold b { font-weight: 600; color: var(--ink); }
      .sought { outline: 2px solid var(--accent); outline-offset: 1px; border-radius: 7px; }
      .chip.sought { border-radius: 12px; }
      .aside { opacity: 0.45; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) graph!: Graph;
  @property() chosen = "";
  @property({ attribute: false }) found: ReadonlySet<string> | undefined;
  @property() sought = "";
  @state() private room = 0;
  @state() private from = 0;
  @query(".sight") private sight!: HTMLElement;
  private layout = memo(layoutOf);

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.room = Math.floor(width);
    });
  }

  protected override render() {
    const { graph, room } = this;
    if (!room) return html`<div class="sight" style="height: 170px"></div>`;
    const layout = this.layout(graph, room);
    const inSight = (left: number, right: number) =>
      right > this.from - BEYOND && left < this.from + STRIDE + room + BEYOND;
    const nodes = graph.nodes.flatMap((node, i) => {
      const { left, width } = layout.boxes[i];
      // The chosen one holds the focus, wherever it is.
      return inSight(left, left + width) || isOf(node, this.chosen) ? [i] : [];
    });
    const edges = graph.edges.flatMap((edge, i) => {
      const path = layout.paths[i];
      return inSight(path[0][0], path[path.length - 1][0]) ? [{ edge, path }] : [];
    });
    const near = graph.nodes.findIndex((node) => isOf(node, this.chosen));
    const line = (points: (typeof layout.paths)[number]) => `M${points.map((point) => point.join(" ")).join("L")}`;
    return html`<div class="sight" @scroll=${this.scrolled}>
      <div class="all" role="listbox" aria-label="Layers" aria-orientation="horizontal" style=${styleMap({ width: `${layout.width}px`, height: `${layout.height}px` })}>
        <svg aria-hidden="true" width=${layout.width} height=${layout.height}>
          ${edges.map(({ edge, path }) => svg`<path d=${line(path)} class=${edge.from === near || edge.to === near ? "near" : ""}></path>`)}
          ${edges.map(({ edge, path }) => svg`<path class="hit" d=${line(path)} @click=${() => this.follow(edge)}></path>`)}
        </svg>
        ${repeat(
          nodes,
          (i) => graph.nodes[i].layers[0].name,
          (i) => this.renderNode(graph.nodes[i], layout.boxes[i], layout.low),
        )}
      </div>
    </div>`;
  }

  private renderNode(node: Node, { left, top, width, height }: Box, low: boolean) {
    const { found } = this;
    const [layer] = node.layers;
    const isFound = found && node.layers.some(({ name }) => found.has(name));
    const look = { sought: isFound ?? false, aside: found !== undefined && !isFound };
    const place = styleMap({ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    if (node.kind === "card") {
      const cards = this.graph.nodes.filter(({ kind }) => kind === "card");
      return html`<explain-layer-card class=${classMap(look)} style=${place} .run=${this.run} .layer=${layer} ?chosen=${layer.name === this.chosen} ?low=${low}
        .place=${cards.indexOf(node) + 1} .count=${cards.length} @click=${() => this.tell("choose", layer.name)}></explain-layer-card>`;
    }
    if (node.kind === "chip") {
      return html`<span class=${classMap({ ...look, "chip clip end-first": true })} style=${place} title=${`${layer.name}: ${layerSummary(layer)}`}
        ><bdi>${layer.name.split("/").at(-1)}</bdi></span>`;
    }
    const times = node.layers.length / node.period;
    const names = node.layers.map(({ name }) => name);
    return html`<button role="option" aria-selected="false" class=${classMap({ ...look, fold: true })} style=${place}
      title=${`${names.length} layers like the ${node.period} before, ${names[0]} to ${names.at(-1)}: show them`}
      @click=${() => this.tell("unfold", names)}><b>× ${times}</b> more<br />${names.length} folded</button>`;
  }

  private tell(name: "choose" | "unfold", detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  private follow(edge: Edge): void {
    const layer = followEdge(this.graph, edge, this.chosen);
    if (layer) this.tell("choose", layer);
  }

  private scrolled(): void {
    this.from = Math.floor(this.sight.scrollLeft / STRIDE) * STRIDE;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isFirst = (changed as Map<PropertyKey, unknown>).get("room") === 0;
    if (changed.has("sought") && this.sought) this.show(this.sought);
    else if (changed.has("chosen") || isFirst) this.show(this.chosen);
  }

  /** Scroll to a layer, within the strip alone: the page stays where it is. */
  private show(name: string): void {
    const box = this.room
      ? this.layout(this.graph, this.room).boxes[this.graph.nodes.findIndex((node) => isOf(node, name))]
      : undefined;
    if (!box) return;
    const { sight } = this;
    if (this.layout(this.graph, this.room).width <= this.room && sight.scrollHeight <= sight.clientHeight) return;
    const within = (from: number, length: number, at: number, view: number): number =>
      from < at ? from : Math.max(at, from + length - view);
    const [left, width] = [Math.max(0, box.left - MARGIN), box.width + 2 * MARGIN];
    sight.scrollLeft = within(left, width, sight.scrollLeft, sight.clientWidth);
    sight.scrollTop = within(box.top, box.height, sight.scrollTop, sight.clientHeight);
    this.scrolled();
  }
}

const isOf = (node: Node, name: string): boolean => node.layers.some((layer) => layer.name === name);

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-strip": LayerStrip;
  }
}
