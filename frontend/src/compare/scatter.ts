/**
 * `<explain-share-scatter>`: the share of every feature in A against that in B. Click opens the feature in its view.
 *
 * @property features  what is compared
 * @property color     of what moved beyond noise: that of A's run
 * @property here      what A is called
 * @property there     what B is called
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Draw } from "../elements/canvas";
import "../elements/canvas";
import { note } from "../elements/states";
import { isolated, percent, plusMinus, points, withError } from "../format";
import { memo } from "../memo";
import { focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { tagsOf } from "../tags";
import { palette } from "../theme";
import { type ComparedFeature, finite, hasSeeds, outliers } from "./scatter_model";
import { drawScatter, featureNear } from "./scatter_picture";

interface Hit {
  feature: ComparedFeature;
  left: number;
  top: number;
}

@customElement("explain-share-scatter")
export class ShareScatter extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .picture { position: relative; margin: 22px 0 14px; aspect-ratio: 1 / 0.99; }
      explain-canvas { height: 100%; }
      .hit explain-canvas { cursor: pointer; }
      .picture > .caption { position: absolute; pointer-events: none; max-width: 90%; }
      .picture > .a { left: 36px; top: -12px; }
      .picture > .b { right: 8px; bottom: -14px; }
      .tip {
        position: absolute; z-index: 2; pointer-events: none; width: max-content; max-width: 220px; padding: 6px 10px; border-radius: 6px;
        background: var(--bg); border: 1px solid var(--line2); box-shadow: 0 4px 12px rgb(20 30 50 / 0.14); overflow-wrap: anywhere;
      }
      .key { display: inline-block; width: 14px; height: 8px; margin-right: 4px; background: var(--sunk); border: 1px solid var(--line2); }
      .under { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 12px; white-space: nowrap; margin: 6px 8px 0 36px; }
      .under b { color: var(--ink); text-align: right; }
    `,
  ];

  @property({ attribute: false }) features: readonly ComparedFeature[] = [];
  @property() color = "";
  @property() here = "";
  @property() there = "";
  @state() private hit: Hit | undefined;
  protected watch = new Watch(this, ["dark"]);

  private farthest = memo(outliers);

  protected override render() {
    const known = finite(this.features);
    if (known.length === 0)
      return note(
        "No shares to compare",
        "On one of the two sides all attributions are zero, or one is not finite.",
        "warn",
      );
    const moved = this.farthest(this.features);
    const { features, color, hit } = this;
    const colours = palette();
    const draw: Draw = (context, { width, height }) =>
      drawScatter(context, features, {
        width,
        height,
        color,
        palette: colours,
        named: moved,
        hovered: hit?.feature,
      });
    return html`
      <div class="picture ${hit ? "hit" : ""}">
        <explain-canvas .draw=${draw} tabindex="0" role="img" aria-label=${this.summary(moved)}
          @pointermove=${this.point} @pointerleave=${this.leave} @click=${this.open}></explain-canvas>
        <span class="caption clip a">A, ${this.here}, %</span>
        <span class="caption clip b">B, ${this.there}, %</span>
        ${this.renderTip()}
      </div>
      <div class="under caption">
        <span><i class="key"></i>${hasSeeds(known) ? "95\u202f% between two seeds" : "noise of the samples, typical ± 2 SE"}</span>
        <b>${known.every(({ changeError }) => Number.isNaN(changeError)) ? "one sample: no error to judge by" : `${moved.length} of ${known.length} beyond`}</b>
      </div>`;
  }

  private summary(moved: readonly ComparedFeature[]): string {
    const named = moved
      .slice(0, 3)
      .map(({ name, here, there }) => `${isolated(name)} ${percent(here)} against ${percent(there)}`);
    return `Share of each feature in A and B: ${moved.length} of ${this.features.length} beyond noise${named.length ? `; ${named.join(", ")}` : ""}`;
  }

  private renderTip() {
    if (!this.hit) return nothing;
    const { feature, left, top } = this.hit;
    const { name, here, hereError, there, thereError, change, changeError } = feature;
    const [width, height] = [this.clientWidth, this.renderRoot.querySelector(".picture")?.clientHeight ?? 0];
    const place = {
      ...(left > width / 2 ? { right: `${width - left + 12}px` } : { left: `${left + 12}px` }),
      ...(top > height - 100 ? { bottom: `${height - top + 12}px` } : { top: `${top + 12}px` }),
    };
    return html`<div class="tip" role="tooltip" style=${styleMap(place)}>
      <b>${name}</b><br />A ${withError(here, hereError)}<br />B ${withError(there, thereError)}<br />
      ${points(change)}${plusMinus(changeError)} points
    </div>`;
  }

  private point(event: PointerEvent): void {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const feature = featureNear(this.features, x, y, width, height);
    this.hit = feature && { feature, left: x, top: y };
  }

  private leave(): void {
    this.hit = undefined;
  }

  private open(): void {
    if (this.hit) openFeature(this.hit.feature);
  }
}

/** Show a feature in its own view, where the run has logged importances. */
export function openFeature({ name }: ComparedFeature): void {
  const run = focusRun(store.state);
  const view = run && tagsOf(run, "importance").length > 0 ? { view: "features" } : {};
  store.set({ ...view, feature: name }, { push: true });
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-share-scatter": ShareScatter;
  }
}
