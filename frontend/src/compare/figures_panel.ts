/**
 * `<explain-compared-figures>`: how well A and B learn, how their reasons lie and how far to trust that, at the cursor; bold beyond noise.
 *
 * @property siblings  names of runs that differ by their seed alone, B among them; none where B is of the same run
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { getDrift, getScalars, getSeries, type Series } from "../api";
import "../elements/at_cursor";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { problem, skeleton } from "../elements/states";
import { capital } from "../format";
import { load } from "../loading";
import { sumErrorOf } from "../methods";
import { drawnReference } from "../references";
import {
  attributionTag,
  focusRun,
  methodOf,
  type RunEntry,
  runsOf,
  shownMethod,
  stepsOfRun,
  store,
  Watch,
} from "../state";
import { placeOf, shortStep, stepName, stepNear } from "../steps";
import { base } from "../styles";
import { findTag, tagsOf } from "../tags";
import { runColour } from "../theme";
import { boldText, type FigureRow, figureRows, type MeasuredAt } from "./figure_noise";
import { figuresTable } from "./figure_tables";
import { FIGURES_HELP } from "./help_texts";
import type { Measured, RunAnswers } from "./run_figures";

/** So many runs of other seeds say what two of them differ by. */
const MOST_SEEDS = 4;

@customElement("explain-compared-figures")
export class ComparedFigures extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; container-type: inline-size; }
      .row { min-height: 20px; }
      table { width: 100%; margin-top: 6px; border-collapse: collapse; table-layout: fixed; }
      th { padding: 0 0 4px; color: var(--ink3); font-size: 11px; font-weight: 400; text-align: right; }
      th:first-child, td:first-child { width: 38%; text-align: left; }
      th:last-child { width: 17%; }
      td { height: 26px; padding: 0; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
      td + td { padding-left: 4px; }
      td b { font-weight: 600; }
      @container (max-width: 300px) { .error { display: none; } }
      td .dot { margin-right: 4px; }
      .caption { margin-top: 6px; }
      th.clip { max-width: 0; }
    `,
  ];

  @property({ attribute: false }) siblings: readonly string[] = [];

  private answers = load(
    this,
    () => {
      const { state } = store;
      const [run, other] = [focusRun(state), drawnReference(state)?.run];
      if (!run || !other) return null;
      const seeds = this.siblings.slice(0, MOST_SEEDS);
      const names = [...new Set([run.run, other.run, ...seeds])];
      return [names.join("\n"), shownMethod(state), state.revision] as const;
    },
    async ([names], signal) => {
      const runs = names.split("\n").flatMap((name) => runsOf(store.state).find(({ run }) => run === name) ?? []);
      const answers = await Promise.all(runs.map((run) => askOf(run, signal)));
      return new Map(answers.map((answer) => [answer.run.run, answer]));
    },
  );

  constructor() {
    super();
    new Watch(this, ["resting", "against", "focus", "method", "groups", "manifests", "dark", "visible", "revision"]);
  }

  protected override render() {
    if (this.answers.error) return problem(this.answers.error, () => void this.answers.run());
    if (!this.answers.value) return skeleton(220);
    return html`<section>
      <div class="row">
        <explain-figure-title heading="Figures" .help=${FIGURES_HELP}></explain-figure-title>
        ${figureMenu("Figures of A and B", () => figuresTable(this.rows()))}
      </div>
      <explain-at-cursor .content=${() => this.table()}></explain-at-cursor>
    </section>`;
  }

  private rows(): FigureRow[] {
    const { state } = store;
    const [run, place, answers] = [focusRun(state), drawnReference(state), this.answers.value];
    const [here, there] = [run, place?.run].map((of) => of && answers?.get(of.run));
    if (!here || !there || !place || state.epoch === null) return [];
    const at = placeOf(run, state.epoch);
    const seeds = this.siblings.flatMap((name): MeasuredAt[] => {
      const found = answers?.get(name);
      const step = found && stepNear(found.run, stepsOfRun(state, found.run), at);
      return found && step !== undefined ? [{ answers: found, step }] : [];
    });
    const sumError = sumErrorOf(shownMethod(state) ?? "") || "completeness";
    return figureRows({ answers: here, step: state.epoch }, { answers: there, step: place.step }, seeds, sumError);
  }

  private table() {
    const { state } = store;
    const [run, place] = [focusRun(state), drawnReference(state)];
    const rows = this.rows();
    if (!run || !place || state.epoch === null) return nothing;
    if (rows.length === 0)
      return html`<p class="quiet">None of the figures of learning, drift or trust has been logged at these epochs.</p>`;
    const own = place.run.run === run.run;
    const head = (side: string, of: RunEntry, step: number) =>
      html`<th scope="col" class="clip" title="${of.label}, ${stepName(of, step)}"><span class="dot" style="background:${runColour(of.index)}"></span> ${side}${own ? `, ${shortStep(of, step)}` : ""}</th>`;
    return html`<table>
        <thead><tr><th scope="col">${capital(stepName(run, state.epoch))}</th>${head("A", run, state.epoch)}${head("B", place.run, place.step)}<th scope="col">A − B</th></tr></thead>
        <tbody>${rows.map(renderRow)}</tbody>
      </table>
      <p class="caption">${boldText(rows)}</p>`;
  }
}

function renderRow({ figure, here, there, difference, noise, kind, beyond }: FigureRow) {
  const { title, unit, text } = figure;
  const cell = ({ value, error }: Measured) =>
    html`<td title=${Number.isFinite(error) ? `${text(value)} ± ${text(2 * error)}` : ""}>${text(value)}${Number.isFinite(error) ? html`<span class="error faint"> ± ${text(2 * error)}</span>` : nothing}</td>`;
  const told = kind
    ? `noise: ${text(noise)} (${kind === "seeds" ? "two seeds" : kind === "error" ? "standard error" : "step to step"})`
    : "";
  return html`<tr><td class="clip" title="${title}${unit ? `, ${unit}` : ""}">${title} <span class="faint">${unit}</span></td>${cell(here)}${cell(there)}<td title=${told}>${beyond ? html`<b>${figure.difference(difference)}</b>` : html`<span class="faint">${figure.difference(difference)}</span>`}</td></tr>`;
}

/** What cannot be read is unknown: the table shows the rest. */
async function askOf(run: RunEntry, signal: AbortSignal): Promise<RunAnswers> {
  const { state } = store;
  const [tag, method] = [attributionTag(state, run), methodOf(state, run) ?? ""];
  const known = <T>(answer: Promise<T> | undefined): Promise<T | undefined> | undefined =>
    answer?.catch(() => undefined);
  const series = (found: string | undefined): Promise<Series | undefined> | undefined =>
    known(found === undefined ? undefined : getSeries(run.run, found, signal));
  const trust = (check: string) => series(findTag(run, "trust", check, method));
  const [curves, drift, deletion, agreement, trainingGap, ...watches] = await Promise.all([
    known(getScalars(run.group, signal)),
    known(tag === undefined ? undefined : getDrift(run.run, tag, "start", signal)),
    trust("deletion_gap"),
    trust("agreement"),
    trust("training_gap"),
    ...tagsOf(run, "watch").map(async ([found, name]) => [name, await series(found)] as const),
  ]);
  signal.throwIfAborted();
  const shares = watches.filter((watch): watch is readonly [string, Series] => watch[1] !== undefined);
  return { run, curves: curves ?? [], drift, deletion, agreement, trainingGap, watches: Object.fromEntries(shares) };
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-compared-figures": ComparedFigures;
  }
}
