/** Layers: what happens inside? The model as a graph of cards, and one layer's activations, gradients and weights by epoch. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { Manifest, ManifestLayer, Series } from "../api";
import { nearestIndex } from "../charts/epoch_axis";
import "../elements/at_cursor";
import { controlStyles, findBox, toggle } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { itemKeys } from "../elements/item_keys";
import { note, skeleton } from "../elements/states";
import { thousands } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { cursorSteps, focusManifest, focusRun, type RunEntry, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { layersTable } from "./figure_tables";
import { usualRange } from "./layers_curves";
import { loadHealth } from "./layers_data";
import { graphOf, neighboursOf } from "./layers_graph";
import { MODEL_HELP } from "./layers_help";
import { loggedLayers, neighbour } from "./layers_model";
import "./layers_one";
import "./layers_strip";

type HealthOf = ReadonlyMap<string, Series>;

/** So many at once that most models need one request, and so few that what is chosen meanwhile does not wait for a thousand layers. */
const AT_ONCE = 200;

/** Health of every layer that has one and can be read: what the chosen layer is drawn among. */
async function loadAll(run: RunEntry, names: readonly string[], signal: AbortSignal): Promise<HealthOf> {
  const health = new Map<string, Series>();
  for (let first = 0; first < names.length; first += AT_ONCE) {
    signal.throwIfAborted();
    const some = names.slice(first, first + AT_ONCE);
    const answers = await Promise.allSettled(some.map((name) => loadHealth(run, name, signal)));
    answers.forEach((answer, i) => {
      if (answer.status === "fulfilled" && answer.value) health.set(some[i], answer.value);
    });
  }
  return health;
}

/** Of more layers than this the nearest ones alone are drawn in grey. */
const MOST_GREY = 24;

/** Those next to the chosen one. */
function greys(health: HealthOf, names: readonly string[], chosen: string) {
  const at = names.indexOf(chosen);
  const near = names
    .filter((name) => name !== chosen && health.has(name))
    .sort((a, b) => Math.abs(names.indexOf(a) - at) - Math.abs(names.indexOf(b) - at))
    .slice(0, MOST_GREY);
  return near.flatMap((name) => {
    const series = health.get(name);
    return series ? [{ name, health: series }] : [];
  });
}

const NONE: ReadonlySet<string> = new Set();
const EMPTY: HealthOf = new Map();

@customElement("explain-layers")
export class LayersView extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; }
      .model { border-bottom: 1px solid var(--line); }
      .head { display: flex; align-items: center; gap: 8px 12px; flex-wrap: wrap; margin-bottom: 8px; }
      .head .find { width: 160px; }
    `,
  ];

  @state() private sought = "";
  /** Which of those found is shown. */
  @state() private turn = 0;
  @state() private folds = true;
  private opened: ReadonlySet<string> = new Set();
  private order: string[] = [];
  protected watch = new Watch(this, ["focus", "layer", "groups", "manifests", "revision", "visible"]);
  protected keys = itemKeys(this, {
    move: (by) => this.choose(neighbour(this.order, store.state.layer || this.order[0], by)),
  });
  private layers = memo(loggedLayers);
  private names = memo((all: readonly ManifestLayer[]) => all.flatMap(({ name, logged }) => (logged ? [name] : [])));
  private graph = memo(graphOf);
  /** How many layers repeats are of. */
  private repeats = memo((all: readonly ManifestLayer[]) =>
    graphOf(all, true, NONE).nodes.reduce((sum, { kind, layers }) => sum + (kind === "fold" ? layers.length : 0), 0),
  );
  private neighbours = memo(neighboursOf);
  private greys = memo(greys);
  private usual = memo((health: HealthOf) => usualRange([...health.values()], "update"));
  private found = memo(search);

  /** All layers' health, once the chosen one's has been asked for. */
  private health = load(
    this,
    () => {
      const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
      return run && manifest ? ([run, manifest, store.state.revision] as const) : null;
    },
    async ([run, manifest], signal) => {
      const names = this.names(this.layers(run, manifest.layers));
      await new Promise(requestAnimationFrame);
      return { name: run.run, layers: await loadAll(run, names, signal) };
    },
  );

  private choose(layer: string): void {
    store.set({ layer }, { push: true });
  }

  private open(names: readonly string[]): void {
    this.opened = new Set([...this.opened, ...names]);
    this.requestUpdate();
  }

  protected override render() {
    const run = focusRun(store.state);
    const manifest = focusManifest(store.state);
    if (!run || !manifest) return html`${skeleton(180)}${skeleton(400)}`;
    const all = this.layers(run, manifest.layers);
    const names = this.names(all);
    if (!names.length) {
      return note(
        "No layer of this run was logged",
        "ActivationHistograms logs every layer with weights or an activation unless it is told which; its argument may have left them all out.",
      );
    }
    const chosen = names.includes(store.state.layer) ? store.state.layer : names[0];
    const health = (this.health.value?.name === run.run && this.health.value.layers) || EMPTY;
    const found = this.found(all, this.sought);
    const shown = found && [...found][this.turn % Math.max(1, found.size)];
    const opened = this.openedWith(chosen, shown);
    const graph = this.graph(all, this.folds, opened);
    this.order = graph.nodes.flatMap(({ kind, layers: [{ name }] }) => (kind === "card" ? [name] : []));
    const layer = all.find(({ name }) => name === chosen);
    const { before, after } = this.neighbours(all, chosen);
    return html`
      <section class="model">
        ${this.renderHead(run, manifest, all, health, found)}
        <explain-layer-strip .run=${run} .graph=${graph} .chosen=${chosen} .found=${found} .sought=${shown ?? ""}
          @choose=${({ detail }: CustomEvent<string>) => this.choose(detail)}
          @unfold=${({ detail }: CustomEvent<string[]>) => this.open(detail)}></explain-layer-strip>
      </section>
      ${
        layer
          ? html`<explain-layer .run=${run} .layer=${layer} .others=${this.greys(health, names, chosen)} .usual=${this.usual(health)}
              .readsFrom=${before} .readBy=${after} @choose=${({ detail }: CustomEvent<string>) => this.choose(detail)}></explain-layer>`
          : nothing
      }`;
  }

  /** What is chosen or found is unfolded, and stays so: nothing folds by itself. */
  private openedWith(...names: (string | undefined)[]): ReadonlySet<string> {
    const missing = names.filter((name) => name !== undefined && !this.opened.has(name)) as string[];
    if (missing.length) this.opened = new Set([...this.opened, ...missing]);
    return this.opened;
  }

  private renderHead(
    run: RunEntry,
    manifest: Manifest,
    all: readonly ManifestLayer[],
    health: HealthOf,
    found: ReadonlySet<string> | undefined,
  ) {
    const steps = cursorSteps(store.state);
    const weighted = manifest.layers.filter(({ parameters }) => Number(parameters) > 0).length;
    const curves = `curves: ${stepName(run, steps[0] ?? 0)} to ${stepName(run, steps.at(-1) ?? 0)}`;
    const mark = () => (store.state.epoch === null ? "" : `, mark at ${stepName(run, store.state.epoch)}`);
    const parts = [
      `${manifest.model_name || run.label}, ${thousands(Number(manifest.parameters))} parameters, ${weighted} of ${manifest.layers.length} layers have weights`,
      curves,
    ];
    const table = () =>
      layersTable(all, (name) => {
        const series = health.get(name);
        const { epoch } = store.state;
        return series && epoch !== null ? Array.from(series.at(nearestIndex(series.steps, epoch))) : [];
      });
    const hidden = this.repeats(all);
    return html`<div class="head">
      <explain-figure-title heading="Model" .help=${MODEL_HELP}></explain-figure-title>
      <span class="quiet spread">${parts.join(" · ")}<explain-at-cursor .content=${mark}></explain-at-cursor></span>${figureMenu("Model", table)}
      ${
        hidden
          ? toggle("Fold repeats", hidden, this.folds, (on) => {
              this.folds = on;
              this.opened = new Set();
            })
          : nothing
      }
      ${found ? html`<span class="faint" role="status">${found.size ? `${(this.turn % found.size) + 1} of ${found.size}` : "none"}</span>` : nothing}
      <span @keydown=${this.findNext}>${findBox("Find a layer", this.sought, (text) => {
        this.sought = text;
        this.turn = 0;
      })}</span>
    </div>`;
  }

  /** Enter chooses what was found; again, the next. */
  private findNext(event: KeyboardEvent): void {
    if (event.key !== "Enter") return;
    const [run, manifest] = [focusRun(store.state), focusManifest(store.state)];
    if (!run || !manifest) return;
    const all = this.layers(run, manifest.layers);
    const found = [...(this.found(all, this.sought) ?? [])];
    if (!found.length) return;
    const at = found[this.turn % found.length];
    if (at === store.state.layer) this.turn = (this.turn + (event.shiftKey ? found.length - 1 : 1)) % found.length;
    const next = found[this.turn % found.length];
    if (all.some(({ name, logged }) => logged && name === next)) this.choose(next);
    else if (at === next) this.turn = (this.turn + 1) % found.length;
  }
}

/** Names of the layers whose name or class contains what was typed; undefined where nothing was. */
export function search(layers: readonly ManifestLayer[], text: string): ReadonlySet<string> | undefined {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return undefined;
  return new Set(
    layers.flatMap(({ name, class_name }) => (`${name} ${class_name}`.toLowerCase().includes(wanted) ? [name] : [])),
  );
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-layers": LayersView;
  }
}
