/**
 * `<explain-similarity-panel>`: the matrix with its title, which pair of runs it is of, its scale, and the phases in words.
 *
 * @property reference  what the cursor is held against, or null
 * @property other      the run that is held against the focus run; undefined where that is held against itself
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type DriftMatrix, getDriftMatrix } from "../api";
import type { Table } from "../downloads";
import { controlStyles, segments } from "../elements/controls";
import "../elements/legend";
import { figureMenu } from "../elements/figure_menu";
import { note, problem, skeleton } from "../elements/states";
import { capital } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import type { Place } from "../references";
import { comparable, explained, focusManifest, focusRun, type RunEntry, store, Watch } from "../state";
import { placeOf, stepName } from "../steps";
import { base } from "../styles";
import "../elements/figure_title";
import { similarityTable } from "./figure_tables";
import { MATRIX_HELP } from "./help_texts";
import "./matrix";
import type { Side } from "./matrix";
import { hasOpposites, isEmpty, transposed } from "./matrix_picture";
import { type Phase, phaseSentence, phasesOf } from "./phases";

/** Which runs' steps are held against each other. */
type Pair = "A × A" | "A × B" | "B × B";
const PAIRS: readonly Pair[] = ["A × A", "A × B", "B × B"];

@customElement("explain-similarity-panel")
export class SimilarityPanel extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; min-width: 0; }
      .row { min-height: 28px; flex-wrap: wrap; }
      explain-figure-title { padding: 4px 0; }
      .segments button { height: 22px; }
      .under { display: flex; justify-content: space-between; gap: 16px; margin: 8px 0 0 36px; }
      explain-legend { flex: 0 1 160px; }
      .under p { text-align: right; }
      .phases { margin: 8px 0 0 36px; color: var(--ink2); }
    `,
  ];

  @property({ attribute: false }) reference: Place | null = null;
  @property({ attribute: false }) other: RunEntry | undefined;
  /** Undefined until one is chosen: two runs against each other where there are two that compare. */
  @state() private chosen: Pair | undefined;

  private get pair(): Pair {
    const [run, { other }] = [focusRun(store.state), this];
    if (!run || !other) return "A × A";
    return this.chosen ?? (comparable(run, other) ? "A × B" : "A × A");
  }

  private matrix = load(
    this,
    () => {
      const of = explained(store.state);
      return of && ([of.run, of.tag, this.other, this.pair, store.state.revision] as const);
    },
    async ([run, tag, other, pair], signal) => {
      const across = pair === "B × B" && other ? other : run;
      const down = pair === "A × A" || !other ? run : other;
      const answer = await getDriftMatrix(across.run, tag, across === down ? "" : down.run, signal);
      return { answer, across, down };
    },
  );

  constructor() {
    super();
    new Watch(this, ["focus", "method", "groups", "manifests", "dark", "visible", "revision"]);
  }

  private shown = memo((answer: DriftMatrix, across: RunEntry, down: RunEntry) => shownMatrix(answer, across, down));

  protected override render() {
    const { value } = this.matrix;
    return html`
      <div class="row">
        <explain-figure-title heading="Similarity of epochs" .help=${MATRIX_HELP}></explain-figure-title>
        ${value ? figureMenu("Similarity of epochs", () => this.table(value)) : nothing}
        <span class="spread"></span>
        ${
          this.other
            ? segments(
                "Runs",
                this.pair,
                PAIRS.map((pair) => ({ id: pair, title: pair })),
                (pair) => {
                  this.chosen = pair as Pair;
                },
              )
            : nothing
        }
      </div>
      ${this.content()}`;
  }

  private table({ answer, across, down }: { answer: DriftMatrix; across: RunEntry; down: RunEntry }): Table {
    const { columns, rows, values } = this.shown(answer, across, down);
    return similarityTable(columns, rows, values);
  }

  private content() {
    if (this.matrix.error) return problem(this.matrix.error, () => void this.matrix.run());
    const { value } = this.matrix;
    if (!value) return skeleton(390);
    const { answer, across, down } = value;
    if (answer.steps.length < 2 && answer.againstSteps.length < 2)
      return note(
        "One epoch so far",
        "The picture begins with the second explained epoch: it holds every pair of epochs against each other.",
      );
    const { columns, rows, values, phases, unread, signed, empty, said } = this.shown(answer, across, down);
    if (empty) return note("Nothing to compare", "No two explanations here are both finite and not all zero.", "warn");
    const size = focusManifest(store.state)?.probe.size;
    return html`
      <explain-similarity-matrix .columns=${columns} .rows=${rows} .values=${values} .phases=${phases}
        .reference=${this.reference}></explain-similarity-matrix>
      <div class="under">
        <explain-legend ?signed=${signed} ?dark=${store.state.dark} low=${signed ? "−1" : "0"} high="1"></explain-legend>
        <p class="caption">mean cosine${size ? ` over ${size} samples` : ""}${phases.length > 1 && across === down ? "; boxes: phases" : ""}${unread ? `; hatched: ${unread} not finite or not readable` : ""}</p>
      </div>
      ${across === down ? phasesSaid(answer, said) : nothing}`;
  }
}

function phasesSaid({ phases, phasesAbsent }: DriftMatrix, said: string) {
  if (!phases) return phasesAbsent ? html`<p class="phases caption">${capital(phasesAbsent)}.</p>` : nothing;
  return html`<p class="phases" role="status">${said}</p>`;
}

interface Shown {
  columns: Side;
  rows: Side;
  values: Float32Array;
  phases: Phase[];
  /** Steps of either axis without any finite value. */
  unread: number;
  /** Whether explanations speak against one another. */
  signed: boolean;
  empty: boolean;
  /** The phases in words. */
  said: string;
}

/** The answer as it is drawn, without the iterations that have no place on the axis of epochs yet. */
export function shownMatrix(answer: DriftMatrix, across: RunEntry, down: RunEntry): Shown {
  const kept = (run: RunEntry, steps: readonly number[]) =>
    steps.map((_, i) => i).filter((i) => Number.isFinite(placeOf(run, steps[i])));
  const [own, theirs] = [kept(across, answer.steps), kept(down, answer.againstSteps)];
  const width = answer.againstSteps.length;
  const values = Float32Array.from(own.flatMap((s) => theirs.map((r) => answer.similarity[s * width + r])));
  const steps = own.map((i) => answer.steps[i]);
  const rowSteps = theirs.map((i) => answer.againstSteps[i]);
  const blank = (count: number, at: (i: number, k: number) => number, length: number) =>
    Array.from({ length: count }, (_, i) => i).filter((i) =>
      Array.from({ length }, (_, k) => values[at(i, k)]).every((value) => !Number.isFinite(value)),
    ).length;
  const columnsUnread = blank(steps.length, (i, k) => i * rowSteps.length + k, rowSteps.length);
  const rowsUnread = blank(rowSteps.length, (i, k) => k * rowSteps.length + i, steps.length);
  const turned = transposed(values, steps.length, rowSteps.length);
  const phases = answer.phases ? phasesOf(steps, answer.phases) : [];
  return {
    columns: { run: across, steps },
    rows: { run: down, steps: rowSteps },
    values: turned,
    phases,
    signed: hasOpposites(turned),
    empty: isEmpty(turned),
    said: across === down ? phaseSentence(phases, steps, turned, (step) => stepName(across, step)) : "",
    unread: across === down ? columnsUnread : columnsUnread + rowsUnread,
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-similarity-panel": SimilarityPanel;
  }
}
