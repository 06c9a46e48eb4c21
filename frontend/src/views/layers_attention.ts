/**
 * `<explain-layer-attention>`: where a layer's heads look on one sample: words or patches shaded, a map a head, and how widely each looks
 * over the epochs.
 *
 * @property run       the focus run
 * @property manifest  its manifest
 * @property layer     as the manifest has it
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { getAttention, getSeries, type Manifest, type ManifestLayer } from "../api";
import { controlStyles, picker } from "../elements/controls";
import "../elements/curve_panel";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { onResize } from "../elements/resize";
import "../elements/sample_strip";
import type { LoggedSample } from "../elements/sample_thumb";
import { note, problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { findTag } from "../tags";
import { type Head, headCount, headTitle, inputOf } from "./layers_attention_model";
import { entropyPanel } from "./layers_entropy";
import { cursorFrames } from "./layers_frames";
import "./layers_heads";
import "./layers_laid";
import { whenStyles, whenText } from "./layers_moments";
import { ATTENTION_HELP } from "./layers_pictures_help";
import { attentionTable, type Seen, seenOf } from "./layers_seen";
import { loggedInputs } from "./samples_data";
import { loggedSample } from "./samples_moments";

const MEAN = "mean";

@customElement("explain-layer-attention")
export class LayerAttention extends LitElement {
  static override styles = [
    base,
    controlStyles,
    whenStyles,
    css`
      :host { display: block; }
      .row { flex-wrap: wrap; min-height: 28px; }
      .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.25fr) minmax(0, 1fr); gap: 32px; margin-top: 8px; }
      :host([narrow]) .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 24px; }
      :host([narrow]) .columns > :first-child { grid-column: span 2; }
      :host([single]) .columns { grid-template-columns: minmax(0, 1fr); }
      :host([single]) .columns > :first-child { grid-column: auto; }
      .asks { margin: 12px 0 4px; }
      .picker { max-width: 220px; }
      .when { flex: 1; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) manifest!: Manifest;
  @property({ attribute: false }) layer!: ManifestLayer;
  @state() private head: Head = MEAN;
  /** Undefined: as it begins, from the class token where there is one. Null: the mean over all queries. */
  @state() private query: number | null | undefined;
  protected watch = new Watch(this, ["epoch", "resting", "against", "dark", "visible", "sample", "revision"]);

  private attention = cursorFrames(this, () => ["attention", this.layer.name], getAttention);
  private rollout = cursorFrames(this, () => (this.head === "rollout" ? ["rollout"] : null), getAttention);
  private inputs = loggedInputs(this, () => this.run);
  private entropy = load(
    this,
    () => {
      const tag = findTag(this.run, "attention_entropy", this.layer.name);
      return tag ? ([this.run.run, tag, store.state.revision] as const) : null;
    },
    async ([run, tag], signal) => ({ of: `${run} ${tag}`, series: await getSeries(run, tag, signal) }),
  );
  private seen = memo(seenOf);
  private rolled = memo(seenOf);
  private panel = memo(entropyPanel);

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.toggleAttribute("narrow", width < 900);
      this.toggleAttribute("single", width < 560);
    });
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.get("layer")) [this.head, this.query] = [MEAN, undefined];
  }

  protected override render() {
    const { attention, manifest } = this;
    const held = attention.now;
    const title = html`<explain-figure-title heading="Attention" .help=${ATTENTION_HELP}></explain-figure-title>`;
    if (attention.error) return html`${title}${problem(attention.error, () => attention.again())}`;
    if (attention.early)
      return html`${title}${note("Not yet at this epoch", "The layer\u2019s attention was first logged at a later one.")}`;
    if (!held) return html`${title}${skeleton(640)}`;
    const { samples, input: name } = held.frame;
    const { sample: shared, dark } = store.state;
    const sample = shared !== null && samples.includes(shared) ? shared : samples[0];
    const input = inputOf(manifest, name);
    const logged = input && loggedSample(this.inputs.value, input, sample);
    const seen = this.seen(held.frame, attention.reference?.frame, manifest, sample, logged);
    const heads = Array.from({ length: headCount(held.frame) }, (_, head) => head);
    const titles: Head[] = [MEAN, ...heads, ...(findTag(this.run, "rollout") ? (["rollout"] as const) : [])];
    const head = titles.includes(this.head) ? this.head : MEAN;
    return html`<section>
      <div class="row">${title}${whenText(held, attention.reference)}
        ${figureMenu(`Attention of ${this.layer.name}`, () => attentionTable(seen, heads, manifest))}</div>
      <div class="columns">
        <div>
          <explain-sample-strip .samples=${samples} .chosen=${sample} .manifest=${manifest} .input=${input} .inputs=${this.inputs.value} ?dark=${dark}
            @choose=${({ detail }: CustomEvent<number>) => this.choose(detail, seen)}></explain-sample-strip>
          ${this.renderLaid(seen, head, titles, logged)}
        </div>
        <explain-layer-heads .seen=${seen} .held=${held} .reference=${attention.reference} .head=${head} .from=${this.from(seen)}
          @head=${({ detail }: CustomEvent<Head>) => this.show(detail)} @from=${this.look}></explain-layer-heads>
        <div>${this.renderEntropy(head)}</div>
      </div>
    </section>`;
  }

  private choose(sample: number, { now }: Seen): void {
    // Another text has other words at its places.
    if (now.queries.kind === "tokens") this.query = undefined;
    store.set({ sample }, { push: true });
  }

  private show(head: Head): void {
    this.head = head;
  }

  private look = ({ detail }: CustomEvent<number | null>): void => {
    this.query = detail;
  };

  private from({ queries, now }: Seen): number | null {
    const { query = now.queries.kind === "patches" && queries.extra > 0 ? 0 : null } = this;
    return query !== null && query < queries.names.length ? query : null;
  }

  /** What is laid over the sample: the layer's own attention, or that of all layers. */
  private renderLaid(own: Seen, head: Head, titles: readonly Head[], logged: LoggedSample | undefined) {
    const rolls = head === "rollout";
    const { now, reference, error, again } = rolls ? this.rollout : this.attention;
    const seen = rolls ? now && this.rolled(now.frame, reference?.frame, this.manifest, own.sample, logged) : own;
    const shown = seen ?? own;
    const from = this.from(shown);
    const choices = titles.map((one) => ({ id: String(one), title: headTitle(one) }));
    const queries = shown.queries.shown.map((i) => ({ id: String(i), title: shown.queries.names[i] }));
    const asHead = (id: string): Head => titles.find((one) => String(one) === id) ?? MEAN;
    return html`<div class="tools asks">
        ${picker("Show", String(head), choices, (id) => this.show(asHead(id)))}
        ${picker("From", String(from ?? MEAN), [{ id: MEAN, title: "mean over all" }, ...queries], (id) => {
          this.query = id === MEAN ? null : Number(id);
        })}
      </div>
      ${
        error
          ? problem(error, again)
          : seen && now
            ? html`<explain-layer-laid .seen=${seen} .held=${now} .reference=${reference} .sample=${logged} .head=${head} .from=${from}
            @from=${this.look}></explain-layer-laid>`
            : skeleton(120)
      }`;
  }

  private renderEntropy(head: Head) {
    const { entropy } = this;
    const tag = findTag(this.run, "attention_entropy", this.layer.name);
    if (!tag) return nothing;
    if (entropy.error) return problem(entropy.error, () => void entropy.run());
    if (entropy.value?.of !== `${this.run.run} ${tag}`) return skeleton(160);
    const chosen = typeof head === "number" ? head : null;
    const panel = this.panel(entropy.value.series, this.layer.name, this.run, chosen, store.state.dark);
    return html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-attention": LayerAttention;
  }
}
