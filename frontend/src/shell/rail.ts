/**
 * `<explain-rail>`: the runs, what the focus run is explained by, and how fresh all this is.
 *
 * In a narrow window it is folded to the runs' swatches, and opens over the view while it is pointed at or has the keyboard's focus.
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { Manifest, ManifestInput, ManifestMethod } from "../api";
import { icon } from "../elements/icons";
import "../elements/window";
import { shape, shortHash, words } from "../format";
import { memo } from "../memo";
import { chooseAll, filterFault, passingRuns } from "../runs";
import {
  focusManifest,
  focusMethod,
  focusRun,
  type RunEntry,
  runsOf,
  type State,
  shownRuns,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import "./freshness";
import "./method_picker";
import { sparedStarts } from "./run_names";
import { RunRow } from "./run_row";

@customElement("explain-rail")
export class Rail extends LitElement {
  static override styles = [
    base,
    css`
      :host { position: relative; z-index: 4; display: block; min-height: 0; }
      .panel {
        container-type: inline-size; display: flex; flex-direction: column; gap: 16px; width: 100%; height: 100%; padding: 12px 16px;
        overflow: hidden auto; border-right: 1px solid var(--line); background: var(--rail);
      }
      section { flex: none; }
      section + section { padding-top: 14px; border-top: 1px solid var(--line); }
      section.all { flex: 0 1 auto; display: flex; flex-direction: column; }
      section.all > * { flex: none; }
      h2 { font-size: 12px; line-height: 20px; font-weight: 600; color: var(--ink2); }
      .some { padding: 0; border: 0; background: none; color: var(--accent); font-size: 11px; cursor: pointer; }
      .some:hover { text-decoration: underline; }
      .search { position: relative; margin: 8px 0; }
      .search svg { position: absolute; left: 8px; top: 6px; color: var(--ink3); pointer-events: none; }
      .search input {
        width: 100%; height: 28px; padding: 0 8px 0 28px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg);
      }
      .search input[aria-invalid="true"] { border-color: var(--alarm); }
      .fault { margin-bottom: 8px; color: var(--alarm); overflow-wrap: anywhere; }
      .runs { flex: 0 1 auto !important; min-height: 0; margin: 0 -16px; }
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
        .panel { position: absolute; inset: 0 auto 0 0; width: 56px; transition: width 0s 150ms; }
        .panel:hover, .panel.open { width: 224px; box-shadow: 0 4px 12px rgb(20 30 50 / .14); }
        .panel.open { transition-delay: 0s; }
      }
      @container (max-width: 100px) {
        .wide { display: none !important; }
        .head { opacity: 0; overflow: hidden; height: 20px; }
        .search input { opacity: 0; }
        .search svg { left: 4px; }
      }
    `,
  ];

  /** The keyboard's focus is within. */
  @state() private open = false;
  /** The run at which the Tab key stops. */
  @state() private stop = "";

  constructor() {
    super();
    new Watch(this, ["groups", "shown", "focus", "runFilter", "method", "manifests", "dark"]);
  }

  protected override render() {
    const { state } = store;
    const manifest = focusManifest(state);
    return html`<div class="panel ${this.open ? "open" : ""}" @focusin=${this.enter} @focusout=${this.leave}>
      ${this.runs()}
      <section class="wide">
        <h2>Explained by</h2>
        <explain-method-picker></explain-method-picker> ${manifest ? this.facts(manifest, focusMethod(state)) : nothing}
      </section>
      ${manifest ? html`<section class="wide">${this.probe(manifest)}</section>` : nothing}
      <explain-freshness></explain-freshness>
    </div>`;
  }

  private runs() {
    const { state } = store;
    const runs = runsOf(state);
    const found = listedRuns(state);
    const fault = filterFault(state.runFilter);
    const focus = found.findIndex(({ run }) => run === focusRun(state)?.run);
    const stop = found.some(({ run }) => run === this.stop) ? this.stop : found[focus]?.run;
    const spared = sparedOf(runs);
    const skipped = state.groups?.skipped ?? [];
    const row = (at: number) => {
      const run = found[at];
      return html`<explain-run-row @focusin=${this.enter} .run=${run} .spared=${spared.get(run.label) ?? 0} .stop=${run.run === stop}></explain-run-row>`;
    };
    return html`<section class="all" style=${`min-height: ${AROUND + Math.min(found.length, LEAST) * ROW}px`}>
      <div class="row head">
        <h2>Runs</h2>
        <button class="some" title="Draw all runs that are listed" @click=${() => chooseAll(true)}>all</button>
        <button class="some" title="Draw none of them but the one that details are of" @click=${() => chooseAll(false)}>none</button>
        <span class="beside faint clip">${shownRuns(state).length} of ${runs.length} shown</span>
      </div>
      <div class="search">
        ${icon("search")}
        <input
          type="search"
          placeholder="Filter runs (regex)"
          aria-label="Filter runs"
          aria-invalid=${fault !== ""}
          .value=${state.runFilter}
          @input=${(event: Event) => store.set({ runFilter: (event.target as HTMLInputElement).value })}
        />
      </div>
      <p class="fault wide" role="status" ?hidden=${!fault}>${fault && `Not a regular expression: ${fault.toLowerCase()}; no run matches.`}</p>
      <explain-window class="runs" role="group" aria-label="Runs" style=${`height: ${found.length * ROW}px`}
        .count=${found.length} .rowHeight=${ROW} .item=${row} .chosen=${focus} @keydown=${this.move}></explain-window>
      ${passingRuns(state).length || fault ? nothing : html`<p class="faint wide">No run is called so.</p>`}
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

  /** Where the keyboard's focus came from within the list, only its rows are told. */
  private enter = (event: FocusEvent): void => {
    this.open = (event.composedPath()[0] as Element).matches(":focus-visible");
    this.stop = rowOf(event)?.run.run ?? this.stop;
  };

  private leave(): void {
    this.open = false;
  }

  /** Up and down in the list. */
  private move(event: KeyboardEvent): void {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const found = listedRuns(store.state);
    const at = found.findIndex(({ run }) => run === (rowOf(event)?.run.run ?? this.stop));
    const next = found[Math.min(Math.max(at + by, 0), found.length - 1)];
    const rows =
      this.renderRoot.querySelector("explain-window")?.renderRoot.querySelectorAll<RunRow>("explain-run-row") ?? [];
    [...rows].find(({ run }) => run === next)?.focus();
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

/** Height of a run's row; of what is above and below them; and how many rows stay in a low window. */
const [ROW, AROUND, LEAST] = [32, 104, 3];

const sparedOf = memo((runs: readonly RunEntry[]) => sparedStarts(runs.map(({ label }) => label)));

/** The row in which an event happened. */
const rowOf = (event: Event): RunRow | undefined =>
  event.composedPath().find((element): element is RunRow => element instanceof RunRow);

/** Runs that pass the filter, and the focus run. */
function listedRuns(state: State): readonly RunEntry[] {
  const [focus, passing] = [focusRun(state), passingRuns(state)];
  return !focus || passing.includes(focus) ? passing : [focus, ...passing];
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
