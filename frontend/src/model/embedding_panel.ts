/** `<explain-embedding>`: the probe in the space of a late layer, as the model moves it, and which samples it moved most. */
import { css, html, LitElement, nothing, unsafeCSS } from "lit";
import { customElement, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Manifest } from "../api";
import { controlStyles, picker, segments } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { itemKeys } from "../elements/item_keys";
import "../elements/legend";
import { onResize } from "../elements/resize";
import { problem, skeleton } from "../elements/states";
import { figure, fixed, percent } from "../format";
import { memo } from "../memo";
import { sinceText } from "../references";
import { store, Watch } from "../state";
import { base } from "../styles";
import { palette } from "../theme";
import { className, sampleRow } from "../views/samples_model";
import { type Drawn, EmbeddingAnswers } from "./embedding_answers";
import { embeddingAside, projectorLink } from "./embedding_aside";
import {
  broken,
  type Extent,
  extentOf,
  farthestFirst,
  movedBy,
  type Plane,
  pathBetween,
  planesOf,
  projectionOf,
  samplesOf,
} from "./embedding_model";
import { drawEmbedding, plotOf, pointsOf } from "./embedding_picture";
import type { Embeddings } from "./frames";
import { EMBEDDING_HELP } from "./help_texts";
import { FOLLOWED } from "./live_frames";
import { classesIn, looksOf } from "./looks";
import { followMoved, movedListStyles } from "./moved_list";
import { panelStyles } from "./panel_styles";
import { chosenStyles, moveChoice } from "./sample_chosen";
import "./sample_scatter";
import type { Pointed, ScatterDraw } from "./sample_scatter";
import { embeddingTable } from "./tables";
import { ofStep, samplePicture, verdictWords } from "./words";

const TRAILS = [
  { id: "moved", title: "Moved most" },
  { id: "all", title: "All" },
  { id: "none", title: "None" },
];
/** CSS pixels: of what stands beside the picture, with the gap; of a panel that has no room for it. */
const [ASIDE, GAP, NARROW] = [240, 16, 560];
/** Of the picture: as much of its width as this, but no less and no more. */
const HEIGHT = { part: 0.7, least: 448, most: 640 };
const px = (length: number) => unsafeCSS(`${length}px`);
const MOST_TRAILS = 24;

@customElement("explain-embedding")
export class EmbeddingPanel extends LitElement {
  static override styles = [
    base,
    controlStyles,
    panelStyles,
    chosenStyles,
    movedListStyles,
    css`
      .body { display: grid; grid-template-columns: minmax(0, 1fr) ${px(ASIDE - GAP)}; gap: 12px ${px(GAP)}; }
      .picture { border: 1px solid var(--line); border-radius: 3px; }
      aside { display: flex; flex-direction: column; gap: 8px; min-width: 0; }
      @container (max-width: ${px(NARROW - 1)}) { .body { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  @state() private plane = 0;
  @state() private trails = "moved";
  @state() private only = "";
  private answers = new EmbeddingAnswers(this);
  private width = 0;
  private extent = memo((all: Embeddings) => extentOf(all.at));
  private looks = memo(looksOf);
  private moved = memo(movedBy);
  private order = memo(farthestFirst);
  /** The order where the cursor rests: it does not change under the pointer while the cursor is dragged. */
  private standing: readonly number[] = [];
  /** Those of them that are listed: of the class that is looked at. */
  private listed: readonly number[] = [];
  protected keys = itemKeys(this, {
    move: (by) => moveChoice(this.listed, by),
    close: () => store.set({ sample: null }, { push: true }),
  });

  constructor() {
    super();
    onResize(this, ({ width }) => {
      if (Math.round(width) === this.width) return;
      this.width = Math.round(width);
      this.requestUpdate();
    });
    new Watch(this, [...FOLLOWED, "sample"]);
  }

  protected override updated(): void {
    followMoved(this.renderRoot);
  }

  protected override render() {
    const { drawn, error } = this.answers;
    if (error) return html`<section>${this.renderHead()}${problem(error, () => this.answers.tryAgain())}</section>`;
    if (!drawn) return html`<section>${this.renderHead()}${skeleton(500)}</section>`;
    const { run, manifest, all, at, from } = drawn;
    const now = all.at[at];
    const predictions = this.answers.predictionsAt(run, all.steps[at]);
    const looks = this.looks(manifest, samplesOf(now), predictions, palette().theme);
    const moved = this.moved(now, all.at[from]);
    const { epoch, resting, sample } = store.state;
    if (epoch === resting || this.standing.length !== moved.length) this.standing = this.order(moved);
    const row = (index: number) => sampleRow({ manifest, now: predictions }, index);
    const planes = planesOf(now.axes);
    const plane = planes[Math.min(this.plane, planes.length - 1)];
    const extent = this.extent(all);
    const path = pathBetween(all, from, at);
    const shared = { extent, plane, trailed: this.trailed, looks, chosen: sample, palette: palette() };
    const classes = classesIn(looks);
    const only = classes.find((index) => String(index) === this.only) ?? null; // another run may lack the class
    this.listed = only === null ? this.standing : this.standing.filter((index) => looks.classes[index] === only);
    const name = (index: number) => className(manifest, index);
    const picture: ScatterDraw = (context, { width, height }, hovered) =>
      drawEmbedding(context, now, path, { ...shared, width, height, only, hovered, className: name });
    const places = (width: number, height: number) => pointsOf(now, { width, height, extent, plane });
    const inputs = this.answers.inputsOf(run);
    const tell = ({ sample: pointed }: Pointed) =>
      pointed === null
        ? nothing
        : html`<b><bdi>${row(pointed).name}</bdi></b><br />${verdictWords(row(pointed))}
          ${samplePicture(manifest, inputs, pointed)}${this.wayOf(moved[pointed])}`;
    const axis = (which: number) => axisText(which, all.explained[at][which], this.stretchOf(extent, plane));
    const lost = broken(now);
    return html`<section>
      ${this.renderHead(drawn)} ${this.renderTools(manifest, planes, plane, classes, only)}
      <div class="body">
        <div>
          <p class="caption clip axis">↑ ${axis(plane[1])}</p>
          <div class="picture"><explain-sample-scatter style=${styleMap({ height: `${this.size.height}px` })} .picture=${picture} .places=${places} .tell=${tell} label=${this.summary(drawn, moved, looks.wrong)}></explain-sample-scatter></div>
          <div class="under caption"><span>${lost < samplesOf(now) && looks.wrong.some(Boolean) ? html`<i class="ring"></i>the model says another class` : nothing}${
            lost ? html` ${lost} of ${samplesOf(now)} samples are not finite and not drawn` : nothing
          }</span><span>${axis(plane[0])} →</span></div>
          ${looks.values ? html`<explain-legend ?dark=${store.state.dark} low=${figure(looks.values[0])} high=${figure(looks.values[1])}></explain-legend>` : nothing}
        </div>
        <aside>
          ${embeddingAside(drawn, inputs, { standing: this.standing, listed: this.listed }, moved, looks, row)}
          ${this.answers.isHandedOver(run) ? projectorLink() : nothing}
        </aside>
      </div>
    </section>`;
  }

  /** Of the picture, CSS pixels. */
  private get size() {
    const width = Math.max(1, this.width - 2 - (this.width < NARROW ? 0 : ASIDE));
    return { width, height: Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, HEIGHT.part * width))) };
  }

  /** Which axis is drawn larger than the other, and by how much. */
  private stretchOf(extent: Extent, plane: Plane) {
    const { width, height } = this.size;
    return projectionOf(extent, plane, plotOf(width, height)).stretched;
  }

  private wayOf(moved: number) {
    return Number.isFinite(moved)
      ? html`<p class="quiet">moved ${fixed(moved)} spreads ${sinceText(store.state)}</p>`
      : nothing;
  }

  /** The samples whose trails are drawn. */
  private get trailed(): readonly number[] {
    const { sample } = store.state;
    const chosen = sample !== null && sample < this.standing.length ? [sample] : [];
    if (this.trails === "none") return chosen;
    return [...new Set([...(this.trails === "all" ? this.standing : this.standing.slice(0, MOST_TRAILS)), ...chosen])];
  }

  private renderHead(drawn?: Drawn) {
    const [of, step] = drawn ? [drawn.all, drawn.all.steps[drawn.at]] : [];
    const text = of
      ? `${of.layer ? `layer ${of.layer}` : ""}${Number.isFinite(of.units) ? `, ${of.units} units` : ""}`
      : "";
    return html`<div class="row head">
      <explain-figure-title heading="Embedding" .help=${EMBEDDING_HELP}></explain-figure-title>
      ${drawn ? figureMenu("Embedding", () => embeddingTable(drawn.all, drawn.manifest)) : nothing}
      <span class="faint clip of" title=${text}>${text}</span>
      ${drawn && step !== undefined ? html`<span class="faint clip at">${ofStep(drawn.run, step, store.state.epoch)}</span>` : nothing}
    </div>`;
  }

  private renderTools(
    manifest: Manifest,
    planes: readonly Plane[],
    plane: Plane,
    classes: readonly number[],
    only: number | null,
  ) {
    const axes = planes.map(([x, y], i) => ({ id: String(i), title: `${x + 1} × ${y + 1}` }));
    const choices = classes.map((index) => ({ id: String(index), title: className(manifest, index) }));
    const setPlane = (id: string) => {
      this.plane = Number(id);
    };
    const setTrails = (id: string) => {
      this.trails = id;
    };
    const setClass = (id: string) => {
      this.only = id;
    };
    return html`<div class="tools">
      ${axes.length > 1 ? html`<span class="label">Axes</span>${segments("Axes", String(planes.indexOf(plane)), axes, setPlane)}` : nothing}
      <span class="label">Trails</span>${segments("Trails", this.trails, TRAILS, setTrails)}
      ${choices.length > 1 ? picker("Class", String(only ?? ""), [{ id: "", title: "all" }, ...choices], setClass) : nothing}
    </div>`;
  }

  private summary({ run, all, at, manifest }: Drawn, moved: Float64Array, wrong: readonly boolean[]): string {
    const [first] = this.standing;
    const far =
      Number.isFinite(moved[first]) && moved[first] > 0
        ? `; farthest went ${sampleRow({ manifest }, first).name}, ${fixed(moved[first])} spreads`
        : "";
    return `Embedding of ${samplesOf(all.at[at])} samples, ${ofStep(run, all.steps[at], store.state.epoch)}: ${wrong.filter(Boolean).length} said wrong${far}. J and K choose samples.`;
  }
}

function axisText(axis: number, explained: number, stretched: { axis: number; by: number }): string {
  const part = Number.isFinite(explained) ? `, ${percent(explained)} of the variance` : "";
  return `axis ${axis + 1}${part}${stretched.axis === axis && stretched.by > 1.05 ? `, enlarged ${fixed(stretched.by, 1)} ×` : ""}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-embedding": EmbeddingPanel;
  }
}
