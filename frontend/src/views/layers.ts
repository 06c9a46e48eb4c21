/** Layers: what happens inside? The model as a strip of cards, and one layer's activations, gradients and weights by epoch. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { getSeries, type Manifest, type Series } from "../api";
import { controlStyles, findBox } from "../elements/controls";
import { itemKeys } from "../elements/item_keys";
import { note, problem, skeleton } from "../elements/states";
import { thousands } from "../format";
import { load } from "../loading";
import { cursorSteps, described, focusManifest, focusRun, type RunEntry, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import "./layers_card";
import { branchesFrom, layerSummary, neighbour, strip } from "./layers_model";
import "./layers_one";
import type { View } from "./view";

export const layers: View = {
  id: "layers",
  title: "Layers",
  help: "What happens inside?",
  key: "4",
  needs: ["health"],
  render: () => html`<explain-layers></explain-layers>`,
};

/** Health of every layer that has one; a layer that cannot be read keeps its error to itself. */
type HealthOf = ReadonlyMap<string, Series | Error>;

async function loadHealth(run: RunEntry, manifest: Manifest, signal: AbortSignal): Promise<HealthOf> {
  const logged = manifest.layers.flatMap(({ name }) => {
    const tag = findTag(run, "health", name);
    return tag ? [{ name, tag }] : [];
  });
  const answers = await Promise.allSettled(logged.map(({ tag }) => getSeries(run.run, tag, signal)));
  return new Map(
    answers.map((answer, i) => [
      logged[i].name,
      answer.status === "fulfilled" ? answer.value : (answer.reason as Error),
    ]),
  );
}

@customElement("explain-layers")
export class LayersView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; }
      .head { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; margin-bottom: 8px; }
      .strip { display: flex; align-items: stretch; overflow: auto hidden; padding: 2px 2px 16px; margin: 0 -2px; border-bottom: 1px solid var(--line); }
      .strip explain-layer-card { flex: 1 0 168px; max-width: 220px; }
      .between { display: flex; flex-direction: column; gap: 4px; align-items: center; flex: none; padding-top: 12px; min-width: 24px; }
      .between i { width: 8px; border-top: 1px solid var(--line2); margin-top: 12px; }
      .chips { display: flex; align-items: flex-start; }
      .chip { max-width: 96px; padding: 3px 8px; border: 1px solid var(--line2); border-radius: 12px; color: var(--ink2); background: var(--bg); }
    `,
  ];

  @state() private sought = "";
  private order: string[] = [];
  protected watch = new Watch(this, ["focus", "layer", "groups", "manifests", "revision", "visible", "epoch"]);
  protected keys = itemKeys(this, {
    move: (by) => this.choose(neighbour(this.order, store.state.layer || this.order[0], by)),
  });

  private health = load(
    this,
    () => {
      const of = described(store.state);
      return of && ([of.run, of.manifest, store.state.revision] as const);
    },
    async ([run, manifest], signal) => {
      return { name: run.run, layers: await loadHealth(run, manifest, signal) };
    },
  );

  private choose(layer: string): void {
    store.set({ layer }, { push: true });
  }

  protected override render() {
    const run = focusRun(store.state);
    const manifest = focusManifest(store.state);
    if (!run || !manifest) return html`${skeleton(180)}${skeleton(400)}`;
    if (this.health.error) return problem(this.health.error, () => void this.health.run());
    const health = this.health.value?.name === run.run ? this.health.value.layers : undefined;
    this.order = manifest.layers.filter(({ logged }) => logged).map(({ name }) => name);
    if (this.order.length === 0) {
      return note(
        "No layer of this run was logged",
        "ActivationHistograms logs every layer with an output unless it is told which; its argument may have left them all out.",
      );
    }
    const chosen = this.order.includes(store.state.layer) ? store.state.layer : this.order[0];
    const layer = manifest.layers.find(({ name }) => name === chosen);
    const series = health?.get(chosen);
    return html`
      ${this.renderHead(run, manifest)} ${this.renderStrip(manifest, health, chosen)}
      ${series instanceof Error ? problem(series, () => void this.health.run()) : nothing}
      ${
        layer
          ? html`<explain-layer .run=${run} .layer=${layer} ?failed=${series instanceof Error} .health=${series instanceof Error ? undefined : series}
              .others=${this.others(health, chosen)}></explain-layer>`
          : nothing
      }`;
  }

  private others(health: HealthOf | undefined, chosen: string): Series[] {
    return [...(health ?? [])].flatMap(([name, series]) =>
      name === chosen || series instanceof Error ? [] : [series],
    );
  }

  private renderHead(run: RunEntry, manifest: Manifest) {
    const steps = cursorSteps(store.state);
    const weighted = manifest.layers.filter(({ parameters }) => Number(parameters) > 0).length;
    const { epoch } = store.state;
    const parts = [
      `${manifest.model_name || run.label}, ${thousands(Number(manifest.parameters))} parameters, ${weighted} of ${manifest.layers.length} layers have weights`,
      `curves: ${stepName(run, steps[0] ?? 0)} to ${stepName(run, steps.at(-1) ?? 0)}${epoch === null ? "" : `, mark at ${stepName(run, epoch)}`}`,
    ];
    return html`<div class="head">
      <h2>Model</h2><span class="quiet spread">${parts.join(" · ")}</span>
      ${findBox("Find a layer", this.sought, (text) => {
        this.sought = text;
        const found = this.order.find((name) => name.toLowerCase().includes(text.trim().toLowerCase()));
        if (found && text.trim()) this.choose(found);
      })}
    </div>`;
  }

  private renderStrip(manifest: Manifest, health: HealthOf | undefined, chosen: string) {
    return html`<div class="strip" role="listbox" aria-label="Layers">${strip(manifest.layers).map((piece) => {
      if ("chips" in piece) {
        const [{ name: first }] = piece.chips;
        return html`<div class="between"><div class="chips">${manifest.layers[0].name === first ? nothing : html`<i></i>`}${piece.chips.map(
          (layer) =>
            html`<span class="chip clip end-first" title=${`${layer.name}: ${layerSummary(layer)}`}><bdi>${layer.name.split("/").at(-1)}</bdi></span><i></i>`,
        )}</div></div>`;
      }
      const { card } = piece;
      const series = health?.get(card.name);
      return html`${this.renderJoint(manifest, card.name)}<explain-layer-card .layer=${card} .from=${branchesFrom(manifest.layers, card)}
        .health=${series instanceof Error ? undefined : series} ?chosen=${card.name === chosen}
        @click=${() => this.choose(card.name)}></explain-layer-card>`;
    })}</div>`;
  }

  /** Two cards in a row are joined by a line of their own. */
  private renderJoint(manifest: Manifest, name: string) {
    const at = manifest.layers.findIndex((layer) => layer.name === name);
    return manifest.layers[at - 1]?.logged
      ? html`<div class="between"><div class="chips"><i></i><i></i></div></div>`
      : nothing;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layers": LayersView;
  }
}
