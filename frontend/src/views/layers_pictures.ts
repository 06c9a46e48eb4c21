/**
 * `<explain-layer-pictures>`: the pictures that a layer has: where its heads look, what its channels see, what its units look for. What is not
 * logged has no place; of attention that is not, it says what to add. A picture is fetched once it is nearly in sight.
 *
 * @property run    the focus run
 * @property layer  as the manifest has it
 */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Manifest, ManifestLayer, Run } from "../api";
import { copy } from "../elements/states";
import { focusManifest, type RunEntry, store, Watch } from "../state";
import { base } from "../styles";
import { findTag } from "../tags";
import "./layers_attention";
import "./layers_maps";
import { type PictureKind, picturesOf } from "./layers_model";
import "./layers_units";

type Render = (run: RunEntry, manifest: Manifest, layer: ManifestLayer) => TemplateResult;

const RENDER: Record<PictureKind, Render> = {
  attention: (run, manifest, layer) =>
    html`<explain-layer-attention .run=${run} .manifest=${manifest} .layer=${layer}></explain-layer-attention>`,
  maps: (run, manifest, layer) =>
    html`<explain-layer-maps .run=${run} .manifest=${manifest} .layer=${layer}></explain-layer-maps>`,
  maximized: (run, manifest, layer) =>
    html`<explain-layer-units .run=${run} .manifest=${manifest} .layer=${layer}></explain-layer-units>`,
};

/** Layers with heads whose attention can be logged, by their class in Keras. */
const HEADED = /Attention$/;

/** Whether what to add for its attention should be told. */
export const lacksAttention = (run: Run, { name, class_name }: ManifestLayer): boolean =>
  HEADED.test(class_name) && !findTag(run, "attention", name);

const SNIPPET = `Explain("logs/run1", probe=(x_val, y_val), methods=["integrated_gradients", "attention_maps"])`;

/** CSS pixels below what is in sight. */
const NEARLY = 300;

@customElement("explain-layer-pictures")
export class LayerPictures extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .picture { margin-top: 24px; padding-top: 12px; border-top: 1px solid var(--line); }
      .ahead { height: 640px; }
      pre { margin: 12px 0; padding: 16px; border-radius: 3px; background: var(--sunk); overflow-x: auto; line-height: 18px; }
      .card { margin-top: 24px; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) layer!: ManifestLayer;
  /** Kinds whose place has been nearly in sight. */
  @state() private met: ReadonlySet<string> = new Set();
  @state() private copied = "";
  protected watch = new Watch(this, ["manifests", "focus", "groups"]);
  private observer?: IntersectionObserver;

  override connectedCallback(): void {
    super.connectedCallback();
    const margin = { rootMargin: `0px 0px ${NEARLY}px 0px` };
    this.observer = new IntersectionObserver((entries) => {
      const kinds = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target.id);
      if (kinds.some((kind) => !this.met.has(kind))) this.met = new Set([...this.met, ...kinds]);
    }, margin);
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    this.observer?.disconnect();
    super.disconnectedCallback();
  }

  /** Brings a picture to the top of what is in sight. */
  show(kind: PictureKind): void {
    this.renderRoot.querySelector(`#${kind}`)?.scrollIntoView({ block: "start" });
  }

  protected override updated(): void {
    for (const place of this.renderRoot.querySelectorAll(".picture")) this.observer?.observe(place);
  }

  protected override render() {
    const { run, layer } = this;
    const manifest = focusManifest(store.state);
    if (!manifest) return nothing;
    return html`${repeat(
      picturesOf(run, layer.name),
      (kind) => kind, // a place of its own, which comes in sight by itself
      (kind) =>
        html`<div class="picture" id=${kind}>${this.met.has(kind) ? RENDER[kind](run, manifest, layer) : html`<div class="ahead"></div>`}</div>`,
    )}${lacksAttention(run, layer) ? this.renderLack() : nothing}`;
  }

  private renderLack() {
    return html`<div class="card">
      <h3>Where its heads look was not logged</h3>
      <p>With this in the training script, the attention of each head is logged every few epochs, on some samples of the probe.</p>
      <pre tabindex="0"><code>${SNIPPET}</code></pre>
      <button class="control" @click=${this.copySnippet}>Copy</button> <span class="faint" role="status">${this.copied}</span>
    </div>`;
  }

  private async copySnippet(): Promise<void> {
    this.copied = (await copy(SNIPPET)) ? "Copied" : "The browser does not let us copy; select the text";
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer-pictures": LayerPictures;
  }
}
