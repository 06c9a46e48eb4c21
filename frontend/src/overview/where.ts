/** `<explain-where>`: the features with the largest shares at the cursor, what they held at the reference, an image's map of both. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { sequentialLut } from "../charts/color";
import { evenEdges, heatmapPixels } from "../charts/heatmap";
import { type Draw, putPixels } from "../elements/canvas";
import { stepName } from "../steps";
import "../elements/canvas";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { note, problem, skeleton } from "../elements/states";
import { percent, points } from "../format";
import { drawnReference, isPlace, referenceName } from "../references";
import { atOrBefore, focusManifest, focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { runColour } from "../theme";
import { FIGURES } from "./figure_help";
import { askChangeErrors, askReferenceShares, askShares, errorsAtCursor, referenceShares } from "./questions";
import { type RankedShare, ranked, type Share, type ShareSeries, sharesAt, shareTable } from "./shares";

const LISTED = 8;

@customElement("explain-where")
export class Where extends LitElement {
  static override styles = [
    base,
    clippedNameStyles,
    css`
      :host { display: block; min-width: 0; }
      .body { display: flex; gap: 24px; margin-top: 8px; }
      .maps { flex: none; width: 80px; }
      .maps explain-canvas { width: 80px; margin-bottom: 4px; outline: 1px solid var(--line); }
      .maps p + explain-canvas { margin-top: 8px; }
      .list { flex: 1; min-width: 0; }
      .item { display: grid; grid-template-columns: minmax(28px, var(--names)) minmax(40px, 1fr) 40px 44px; gap: 8px; align-items: center; height: 24px; }
      .item.moved .name, .item.moved .change { font-weight: 600; }
      .item:not(.moved) .change { color: var(--ink3); }
      .name { display: flex; min-width: 0; }
      .number { text-align: right; }
      .bar { position: relative; height: 8px; background: none; }
      .bar i { position: absolute; inset: 0 auto 0 0; background: var(--line2); }
      .moved .bar i { background: var(--colour); }
      .bar u { position: absolute; top: -3px; bottom: -3px; width: 1.5px; background: var(--ink); }
      .legend { display: grid; grid-template-columns: 1fr 40px 44px; gap: 8px; margin-top: 4px; }
    `,
  ];

  /** All shares at the cursor; none while they are not known. */
  private ranked: readonly RankedShare[] = [];
  private shares = askShares(this);
  private others = askReferenceShares(this);
  private errors = askChangeErrors(this);

  constructor() {
    super();
    new Watch(this, ["epoch", "resting", "against", "focus", "method", "groups", "manifests", "dark", "visible"]);
  }

  protected override render() {
    const image = this.shares.value?.find(({ shape }) => shape.length === 2);
    this.ranked = [];
    const content = this.content(image);
    return html`
      <div class="row">
        <explain-figure-title heading="Where it looks" .help=${FIGURES.where}></explain-figure-title>${this.ranked.length ? figureMenu("Where it looks", () => shareTable(this.ranked)) : nothing}
        <span class="faint clip beside">share of Σ|attribution|${image ? " per cell" : ""}</span>
      </div>
      ${content}
    `;
  }

  private content(image: ShareSeries | undefined) {
    const { state } = store;
    const manifest = focusManifest(state);
    if (this.shares.error) return problem(this.shares.error, () => void this.shares.run());
    if (!this.shares.value || !manifest) return skeleton(200);
    if (!this.shares.value.length)
      return note("No importances", "This method logged no importance of features in this run.");
    const measured = this.shares.value[0].series.steps;
    const step = state.epoch === null ? undefined : atOrBefore(measured, state.epoch);
    const run = focusRun(state);
    const now = step === undefined ? undefined : sharesAt(this.shares.value, manifest, step);
    const same = run && state.epoch !== null && isPlace(drawnReference(state), run, state.epoch);
    const before = same ? undefined : referenceShares(this.shares.value, this.others.value, manifest);
    if (!now || step === undefined)
      return note(
        "No shares at this step",
        "No feature has any share at this step: all attributions are zero or not finite.",
      );
    const reference = before ? referenceName(state) : "";
    const most = Math.max(...now.map(({ share }) => share || 0), ...(before ?? []).map(({ share }) => share || 0));
    this.ranked = ranked(now, before, before && errorsAtCursor(this.errors));
    return html`<div class="body">
      ${image ? this.maps(image, now, before, most, reference, stepName(run, step)) : nothing}
      ${this.list(this.ranked.slice(0, LISTED), reference)}
    </div>`;
  }

  private maps(
    image: ShareSeries,
    now: readonly Share[],
    before: readonly Share[] | undefined,
    most: number,
    reference: string,
    cursor: string,
  ) {
    const map = (shares: readonly Share[]) => {
      const [rows, columns] = image.shape;
      const draw: Draw = (context, { width, height, ratio }) => {
        const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
        const values = Float32Array.from(
          shares.filter(({ input }) => input === image.input),
          ({ share }) => share,
        );
        const theme = store.state.dark ? "dark" : "light";
        putPixels(
          context,
          heatmapPixels(
            { values, rows, columns },
            {
              edges: evenEdges(columns, across),
              rowEdges: evenEdges(rows, down),
              lut: sequentialLut[theme],
              signed: false,
              limit: most,
              theme,
              gap: 0,
            },
          ),
        );
      };
      return html`<explain-canvas style=${styleMap({ aspectRatio: `${columns} / ${rows}` })} .draw=${draw}></explain-canvas>`;
    };
    return html`<div class="maps">
      ${before ? html`${map(before)}<p class="caption">${reference}</p>` : nothing} ${map(now)}
      <p class="caption"><b>${cursor}</b></p>
    </div>`;
  }

  private list(shares: readonly RankedShare[], reference: string) {
    const most = Math.max(...shares.flatMap(({ share, reference: before }) => [share, before || 0]));
    const at = (share: number): string => `${(100 * share) / most}%`;
    const longest = Math.max(...shares.map(({ name }) => name.length));
    return html`<div class="list" style=${styleMap({ "--names": `${Math.min(longest, 20)}ch`, "--colour": runColour(focusRun(store.state)?.index ?? 0) })}>
      ${shares.map(
        (share) => html`<div class="item ${share.beyondNoise ? "moved" : ""}">
          <span class="name" title=${share.name}>${clippedName(share.name)}</span>
          <span class="bar"
            ><i style=${styleMap({ width: at(share.share) })}></i>${
              Number.isFinite(share.reference)
                ? html`<u style=${styleMap({ left: at(share.reference) })}></u>`
                : nothing
            }</span
          >
          <span class="number" title="± ${percent(2 * share.standardError)}">${percent(share.share, { unit: false })}</span>
          <span class="number change">${Number.isFinite(share.change) ? points(share.change) : ""}</span>
        </div>`,
      )}
      <p class="caption legend">
        <span title=${reference ? "of the change, paired over the samples" : ""}>${reference ? `line: ${reference}; coloured: beyond ± 2 SE` : ""}</span>
        <span class="number">%</span><span class="number">points</span>
      </p>
    </div>`;
  }
}
