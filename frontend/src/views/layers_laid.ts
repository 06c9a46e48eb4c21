/**
 * `<explain-layer-laid>`: attention laid over one sample: what a word or a patch looks at, or how much each receives, at the reference, now,
 * and what changed.
 *
 * @property seen       the sample's attention: of a layer, or rolled out
 * @property held       its frame, and where that is from
 * @property reference  the same of the reference; undefined where there is none
 * @property sample     as it was logged; undefined where inputs are not
 * @property head       the chosen head
 * @property from       the query that is looked from; null for the mean over all
 * @fires from  detail: a query, or null
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/legend";
import type { LoggedSample } from "../elements/sample_thumb";
import { percent } from "../format";
import type { Attention, Positions } from "../layer_frames";
import { memo } from "../memo";
import { shortPlace } from "../references";
import { store, Watch } from "../state";
import { shortStep } from "../steps";
import { base } from "../styles";
import { type Head, headTitle, hiddenPart } from "./layers_attention_model";
import type { Held } from "./layers_frames";
import { type Look, lookStyles, renderLooks } from "./layers_looks";
import { endText, lookAt, lookEnd, type Seen } from "./layers_seen";

/** Less is not worth a word. */
const FAINTEST = 0.0005;

@customElement("explain-layer-laid")
export class LayerLaid extends LitElement {
  static override styles = [
    base,
    lookStyles,
    css`
      :host { display: block; }
      p.caption { margin-top: 8px; }
      explain-legend { margin-top: 12px; max-width: 100%; }
    `,
  ];

  @property({ attribute: false }) seen!: Seen;
  @property({ attribute: false }) held!: Held<Attention>;
  @property({ attribute: false }) reference: Held<Attention> | undefined;
  @property({ attribute: false }) sample: LoggedSample | undefined;
  @property({ attribute: false }) head: Head = "mean";
  @property({ attribute: false }) from: number | null = null;
  protected watch = new Watch(this, ["dark"]);
  private values = (["reference", "now", "change"] as const).map((moment) => ({ moment, at: memo(lookAt) }));
  private end = memo(lookEnd);

  protected override render() {
    const { seen, head, from, held, reference } = this;
    const names = {
      reference: reference ? shortPlace(reference, held.run) : "",
      now: shortStep(held.run, held.step),
      change: "change",
    };
    const looks = this.values.flatMap(({ moment, at }): Look[] => {
      const values = at(seen, head, from, moment);
      return values ? [{ moment, name: names[moment], values }] : [];
    });
    const end = this.end(seen, head, from);
    const { dark } = store.state;
    const { now, queries, keys } = seen;
    const self = now.queries.kind === now.keys.kind && queries.names.length === keys.names.length;
    const own = looks.find(({ moment }) => moment === "now");
    const told = from === null ? "what each receives, on average" : `what ${queries.names[from]} looks at`;
    return html`<p class="faint">${headTitle(head)}: ${told}</p>
    ${renderLooks({
      looks,
      places: keys,
      positions: now.keys,
      sample: this.sample,
      limit: end.limit,
      dark,
      from: self ? from : null,
      choose: self ? (place) => this.look(place) : undefined,
    })}
    ${own ? this.renderRest(own.values) : nothing}
    <explain-legend ?dark=${dark} high=${endText(end)}></explain-legend>`;
  }

  private look(place: number): void {
    this.dispatchEvent(new CustomEvent("from", { detail: place === this.from ? null : place }));
  }

  /** What is not in the picture, and what its places stand for. */
  private renderRest(values: Float32Array) {
    const { keys, now } = this.seen;
    const hidden = hiddenPart(values, keys);
    const extra = now.keys.kind === "patches" ? values.slice(0, keys.extra).reduce((a, b) => a + b, 0) : 0;
    const told = [
      hidden > FAINTEST ? `${percent(hidden)} goes to padding, which is not drawn` : "",
      extra > FAINTEST ? `${percent(extra)} goes to the class token, which lies nowhere` : "",
      pooledText(now.keys),
      now.layers.length ? `rolled out over ${now.layers.join(", ")}` : "",
    ].filter(Boolean);
    return told.length ? html`<p class="caption">Of this attention, ${told.join("; ")}.</p>` : nothing;
  }
}

function pooledText({ kind, pooled }: Positions): string {
  if (pooled === 1) return "";
  const stands = kind === "patches" ? `${pooled} × ${pooled} patches` : `${pooled} neighbouring positions`;
  return `each place stands for ${stands}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-laid": LayerLaid;
  }
}
