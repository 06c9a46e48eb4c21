/** `<explain-rail>`: the runs, what the focus run is explained by, and how fresh all this is. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Manifest, ManifestInput, ManifestMethod } from "../api";
import { icon } from "../elements/icons";
import { shape, shortHash, words } from "../format";
import { focusManifest, focusMethod, focusRun, runsOf, shownRuns, store, Watch } from "../state";
import { base } from "../styles";
import "./freshness";
import "./method_picker";
import "./run_row";

@customElement("explain-rail")
export class Rail extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex; flex-direction: column; gap: 16px; padding: 12px 16px; overflow: hidden auto;
        border-right: 1px solid var(--line); background: var(--rail);
      }
      section + section { padding-top: 14px; border-top: 1px solid var(--line); }
      h2 { font-size: 12px; line-height: 20px; font-weight: 600; color: var(--ink2); }
      .search { position: relative; margin: 8px 0; }
      .search svg { position: absolute; left: 8px; top: 6px; color: var(--ink3); pointer-events: none; }
      .search input {
        width: 100%; height: 28px; padding: 0 8px 0 28px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg);
      }
      .runs { margin: 0 -16px; }
      .runs + p { margin-top: 6px; }
      explain-method-picker { margin: 6px 0 8px; }
      dl { display: grid; grid-template-columns: 72px minmax(0, 1fr); gap: 4px 0; }
      dt { color: var(--ink3); }
      dd { overflow-wrap: anywhere; }
      .same { display: flex; gap: 8px; margin-top: 8px; color: var(--ok); }
      .same.not { color: var(--warn); }
      .same svg { flex: none; }
      .skipped { margin-top: 8px; }
      .skipped summary { color: var(--warn); cursor: pointer; }
      .skipped li { margin-top: 4px; overflow-wrap: anywhere; }
      explain-freshness { margin-top: auto; }
      @media (max-width: 1199px) {
        :host { padding: 12px 0; align-items: stretch; }
        .wide, explain-freshness { display: none; }
        .runs { margin: 0; }
      }
    `,
  ];

  @state() private filter = "";

  constructor() {
    super();
    new Watch(this, ["groups", "shown", "focus", "method", "manifests", "dark"]);
  }

  protected override render() {
    const { state } = store;
    const manifest = focusManifest(state);
    return html`
      ${this.runs()}
      <section class="wide">
        <h2>Explained by</h2>
        <explain-method-picker></explain-method-picker> ${manifest ? this.facts(manifest, focusMethod(state)) : nothing}
      </section>
      ${manifest ? html`<section class="wide">${this.probe(manifest)}</section>` : nothing}
      <explain-freshness></explain-freshness>
    `;
  }

  private runs() {
    const { state } = store;
    const runs = runsOf(state);
    const sought = this.filter.toLowerCase();
    const found = runs.filter(({ label }) => label.toLowerCase().includes(sought));
    const shown = shownRuns(state).length;
    const skipped = state.groups?.skipped ?? [];
    return html`<section>
      <div class="row wide"><h2 class="spread">Runs</h2><span class="faint">${shown} of ${runs.length} shown</span></div>
      <div class="search wide">
        ${icon("search")}
        <input
          type="search"
          placeholder="Filter runs"
          aria-label="Filter runs"
          .value=${this.filter}
          @input=${(event: Event) => {
            this.filter = (event.target as HTMLInputElement).value;
          }}
        />
      </div>
      <div class="runs" role="group" aria-label="Runs">
        ${repeat(
          found,
          ({ run }) => run,
          (run) => html`<explain-run-row .run=${run}></explain-run-row>`,
        )}
      </div>
      ${found.length ? nothing : html`<p class="faint wide">No run is called so.</p>`}
      <p class="caption wide">Validation figures at the cursor; double-click for details</p>
      ${
        skipped.length
          ? html`<details class="skipped wide">
              <summary>${skipped.length} not shown</summary>
              <ul>${skipped.map(({ run, reason }) => html`<li><b>${run}</b> <span class="quiet">${reason}</span></li>`)}</ul>
            </details>`
          : nothing
      }
    </section>`;
  }

  private facts(manifest: Manifest, method: ManifestMethod | undefined) {
    const inputs = manifest.inputs.map(inputText).join("; ");
    const { baseline, steps, nodes, ...others } = method?.parameters ?? {};
    const rows: [string, string | undefined][] = [
      ["Input", inputs],
      ["Score", method && words(method.score).toLowerCase().replace("log odds", "log-odds, true label")],
      ["Baseline", baseline === "mean" ? "mean of the probe" : baseline],
      ["Nodes", nodes ?? steps],
      ["Unit", method?.unit],
      ...Object.entries(others).filter(([name]) => TOLD.includes(name)),
    ];
    return facts(rows);
  }

  private probe({ probe, outputs }: Manifest) {
    const { state } = store;
    const runs = runsOf(state);
    const focus = focusRun(state);
    const same = runs.filter((run) => focus && run.probe === focus.probe).length;
    const classes = new Set(probe.targets).size;
    const task = outputs[0]?.task;
    return html`<h2>Probe</h2>
      ${facts([
        ["Samples", `${probe.size}${probe.size < 64 ? ", few samples" : ""}`],
        ["Classes", task === "regression" || !probe.targets.length ? undefined : `${classes}${balance(probe.targets)}`],
        ["Hash", shortHash(probe.hash)],
      ])}
      ${
        runs.length < 2
          ? nothing
          : html`<p class="same ${same === 1 ? "not" : ""}">
              ${icon(same === 1 ? "alarm" : "check")}<span
                >${same === 1 ? "No other run explains these samples" : `Same in ${same} of ${runs.length} runs, so their figures compare`}</span
              >
            </p>`
      }`;
  }
}

/** Parameters that say what was computed; the help has all of them. */
const TOLD = ["tolerance", "composite", "layer", "samples"];

/** "image, 24 × 24 × 1", "table, 31 features", "text, 24 tokens" */
function inputText({ kind, shape: lengths }: ManifestInput): string {
  if (kind === "tabular") return `table, ${shape(lengths)} features`;
  return `${kind}, ${shape(lengths)}${kind === "text" ? " tokens" : ""}`;
}

const facts = (rows: readonly [string, string | undefined][]) =>
  html`<dl>
    ${rows.filter(([, value]) => value).map(([name, value]) => html`<dt>${words(name)}</dt><dd>${value}</dd>`)}
  </dl>`;

/** Whether every class has about as many samples as every other. */
function balance(targets: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + 1);
  const sizes = [...counts.values()];
  return Math.max(...sizes) - Math.min(...sizes) <= 1 ? ", balanced" : "";
}
