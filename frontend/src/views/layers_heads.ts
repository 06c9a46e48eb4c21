/**
 * `<explain-layer-heads>`: a layer's heads on one sample as small maps side by side, and the chosen one, or their mean, large with names.
 *
 * @property seen       the sample's attention
 * @property held       its frame, and where that is from
 * @property reference  the same of the reference; undefined where there is none
 * @property head       the chosen head
 * @property from       the query that is looked from; null for none
 * @fires head  detail: a head, or "mean"
 * @fires from  detail: a query; null where it was the chosen one
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { sequentialLut, signedLut } from "../charts/color";
import { evenEdges, heatmapPixels } from "../charts/heatmap";
import { type Draw, putPixels } from "../elements/canvas";
import { controlStyles } from "../elements/controls";
import "../elements/figure_title";
import "../elements/legend";
import "../elements/named_map";
import { distance } from "../format";
import type { Attention } from "../layer_frames";
import { memo } from "../memo";
import { store, Watch } from "../state";
import { base } from "../styles";
import { paletteOf } from "../theme";
import { type Head, headTitle, type Places, type SmallMap, shownGrid } from "./layers_attention_model";
import type { Held } from "./layers_frames";
import { attentionText } from "./layers_looks";
import { type Moment, momentChoice, momentOf } from "./layers_moments";
import { HEADS_HELP } from "./layers_pictures_help";
import { endText, gridAt, mapsOf, type Seen, weightEnd } from "./layers_seen";

const drawMap = ({ values, rows, columns }: SmallMap, signed: boolean, limit: number, dark: boolean): Draw => {
  const { theme } = paletteOf(dark);
  const lut = (signed ? signedLut : sequentialLut)[theme];
  return (context, { width, height, ratio }) => {
    const edges = evenEdges(columns, Math.round(width * ratio));
    const rowEdges = evenEdges(rows, Math.round(height * ratio));
    putPixels(
      context,
      heatmapPixels({ values, rows, columns }, { lut, signed, limit, theme, edges, rowEdges, gap: 0 }),
    );
  };
};

@customElement("explain-layer-heads")
export class LayerHeads extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; min-width: 0; }
      .row { flex-wrap: wrap; min-height: 28px; }
      explain-figure-title { margin-right: auto; }
      .heads { display: grid; grid-template-columns: repeat(auto-fill, minmax(60px, 1fr)); gap: 4px; margin: 4px 0 12px; }
      .heads button { padding: 2px; border: 1.5px solid transparent; border-radius: 4px; background: none; font-size: 11px; color: var(--ink3); cursor: pointer; }
      .heads button:hover { background: var(--focus-bg); }
      .heads button[aria-pressed="true"] { border-color: var(--accent); color: var(--ink); }
      .heads explain-canvas { margin-bottom: 2px; border: 1px solid var(--line); }
      explain-legend { margin-top: 12px; max-width: 100%; }
    `,
  ];

  @property({ attribute: false }) seen!: Seen;
  @property({ attribute: false }) held!: Held<Attention>;
  @property({ attribute: false }) reference: Held<Attention> | undefined;
  @property({ attribute: false }) head: Head = "mean";
  @property({ attribute: false }) from: number | null = null;
  @state() private moment: Moment = "now";
  protected watch = new Watch(this, ["dark"]);
  private end = memo(weightEnd);
  private maps = memo(mapsOf);
  private draws = memo((maps: readonly SmallMap[], signed: boolean, limit: number, dark: boolean) =>
    maps.map((map) => drawMap(map, signed, limit, dark)),
  );
  private large = memo((seen: Seen, head: Head, moment: Moment) => {
    const grid = gridAt(seen, head, moment) ?? gridAt(seen, head, "now");
    return grid ? shownGrid(grid, seen.queries, seen.keys) : new Float32Array();
  });
  private rows = memo(namesOf);
  private columns = memo(namesOf);

  protected override render() {
    const { seen, head } = this;
    const { dark } = store.state;
    const moment = momentOf(this.moment, seen.reference);
    const end = this.end(seen);
    const { limit } = end;
    const signed = moment === "change";
    const maps = this.maps(seen, moment);
    const draws = this.draws(maps, signed, limit, dark);
    const chosen = head === "rollout" ? "mean" : head;
    const values = this.large(seen, chosen, moment);
    const [rows, columns] = [this.rows(seen.queries), this.columns(seen.keys)];
    const describe = (row: number, column: number) =>
      [
        `${rows[row]} looks at ${columns[column]}`,
        `${attentionText(values[row * columns.length + column], moment)}, ${headTitle(chosen)}`,
      ] as const;
    return html`<div class="row"><explain-figure-title heading="Heads" .help=${HEADS_HELP}></explain-figure-title>
        ${momentChoice(this.held, seen.reference && this.reference, this.moment, (to) => {
          this.moment = to;
        })}</div>
      ${maps.length > 1 ? this.renderSmall(maps, draws) : nothing}
      <p class="faint clip">${headTitle(chosen)}: rows look at columns</p>
      <explain-named-map .values=${values} .rows=${rows} .columns=${columns} .chosen=${this.from === null ? -1 : seen.queries.shown.indexOf(this.from)}
        ?signed=${signed} .limit=${limit} .describe=${describe} label=${`Attention of ${headTitle(chosen)}: ${rows.length} queries by ${columns.length} keys`}
        @row=${({ detail }: CustomEvent<number>) => this.look(seen.queries.shown[detail])}></explain-named-map>
      <explain-legend ?dark=${dark} ?signed=${signed} low=${signed ? `\u2212${distance(limit)}` : "0"} high=${endText(end)}></explain-legend>`;
  }

  private renderSmall(maps: readonly SmallMap[], draws: readonly Draw[]) {
    const choose = (head: Head) =>
      this.dispatchEvent(new CustomEvent<Head>("head", { detail: head === this.head ? "mean" : head }));
    return html`<div class="heads" role="group" aria-label="Heads">${maps.map(
      ({ head }, i) => html`<button aria-pressed=${head === this.head ? "true" : "false"} @click=${() => choose(head)}>
        <explain-canvas style="aspect-ratio: 1" .draw=${draws[i]}></explain-canvas>${headTitle(head)}</button>`,
    )}</div>`;
  }

  private look(query: number): void {
    this.dispatchEvent(new CustomEvent("from", { detail: query === this.from ? null : query }));
  }
}

function namesOf({ names, shown }: Places): string[] {
  return shown.map((place) => names[place]);
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-heads": LayerHeads;
  }
}
