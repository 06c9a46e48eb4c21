/** `<explain-boundary>`: what the model says on a plane through its inputs, with the probe on it, and how that came over the epochs. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { getBoundary, getPredictions, type Manifest } from "../api";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import "../elements/legend";
import { itemKeys } from "../elements/item_keys";
import { problem, skeleton } from "../elements/states";
import { figure, isolated, percent } from "../format";
import { memo } from "../memo";
import { described, focusRun, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { palette } from "../theme";
import { className, sampleRow } from "../views/samples_model";
import { boundaryFilm, filmStyles } from "./boundary_film";
import { axisTexts, classCount, drawBoundary, placesOn, plotOf } from "./boundary_picture";
import type { Boundary } from "./frames";
import { BOUNDARY_HELP } from "./help_texts";
import { FOLLOWED, LiveFrames, type Moment } from "./live_frames";
import { type Looks, looksOf, rangeOf } from "./looks";
import { panelStyles } from "./panel_styles";
import { ProbeInputs } from "./probe_inputs";
import { chosenCard, chosenStyles, moveChoice } from "./sample_chosen";
import "./sample_scatter";
import type { Pointed, ScatterDraw } from "./sample_scatter";
import { boundaryTable } from "./tables";
import { chooseSample, ofStep, samplePicture, verdictWords } from "./words";

const samePlane = (a: Boundary, b: Boundary): boolean =>
  a.x === b.x && a.y === b.y && a.bounds.every((bound, i) => bound === b.bounds[i]);

@customElement("explain-boundary")
export class BoundaryPanel extends LitElement {
  static override styles = [
    base,
    panelStyles,
    chosenStyles,
    filmStyles,
    css`
      .plane { aspect-ratio: 1 / 0.95; max-height: 480px; width: 100%; }
      explain-sample-scatter { height: 100%; }
      .axis.x { text-align: right; }
      .key { display: inline-block; width: 16px; margin-right: 4px; border-top: 1px dashed var(--ink2); vertical-align: 4px; }
    `,
  ];

  private frames = new LiveFrames(this, "boundary", [], getBoundary);
  private predictions = new LiveFrames(this, "predictions", [], getPredictions);
  private looks = memo(looksOf);
  private range = memo((_: number, __: number, frames: readonly Moment<Boundary>[]) =>
    rangeOf(frames.flatMap(({ frame }) => (frame.value ? [frame.value] : []))),
  );
  private probe = new ProbeInputs(this);

  /** Beside an embedding it is that which goes through the samples, and tells of the chosen one. */
  private get alone(): boolean {
    const run = focusRun(store.state);
    return run !== undefined && findTag(run, "embedding") === undefined;
  }
  private samples: readonly number[] = [];
  protected keys = itemKeys(this, {
    move: (by) => this.alone && moveChoice(this.samples, by),
    close: () => this.alone && chooseSample(null),
  });

  constructor() {
    super();
    new Watch(this, [...FOLLOWED, "sample"]);
  }

  protected override render() {
    const of = described(store.state);
    const now = of && this.frames.now(store.state);
    if (!of || !now) {
      const { error } = this.frames;
      return html`<section>${this.renderHead()}${error ? problem(error, () => this.frames.tryAgain()) : skeleton(460)}</section>`;
    }
    const { run, manifest } = of;
    const { frame, step } = now;
    const all = this.frames.inMemory(run);
    const range = this.rangeOfAll(all);
    const { theme } = palette();
    const predictions = this.predictions.at(run, step)?.frame;
    const looks = this.looks(manifest, frame.points.length / 2, predictions, theme, frame.value && range);
    const reference = this.frames.reference(store.state);
    const before = reference && reference.frame !== frame && samePlane(reference.frame, frame) ? reference : undefined;
    const classes = classCount(manifest, frame);
    const picture: ScatterDraw = (context, size, hovered) =>
      drawBoundary(context, frame, size, {
        palette: palette(),
        looks,
        only: null,
        chosen: store.state.sample,
        hovered,
        classes,
        range,
        before: before?.frame,
        className: (index) => className(manifest, index),
      });
    const places = (width: number, height: number) => placesOn(frame, width, height);
    const [left, right, low, high] = axisTexts(frame);
    const { sample } = store.state;
    this.samples = looks.classes.map((_, index) => index);
    const chosen = this.alone && sample !== null && sample < this.samples.length ? sample : null;
    return html`<section>
      ${this.renderHead(now, manifest)}
      ${this.frames.error ? problem(this.frames.error, () => this.frames.tryAgain()) : nothing}
      <p class="caption clip axis" title=${frame.y}>↑ ${low}${high}</p>
      <div class="plane"><explain-sample-scatter .picture=${picture} .places=${places} label=${this.summary(now, manifest, looks)}
        .tell=${(pointed: Pointed) => this.tell(pointed, now, manifest)}></explain-sample-scatter></div>
      <p class="caption clip axis x" title=${frame.x}>${left}${right} →</p>
      <div class="under caption">
        ${looks.wrong.some(Boolean) ? html`<span><i class="ring"></i>the model says another class</span>` : nothing}
        ${before && !frame.value ? html`<span><i class="key"></i>boundary at ${stepName(before.run, before.step)}</span>` : nothing}
      </div>
      ${frame.value ? html`<explain-legend ?dark=${store.state.dark} low=${figure(range[0])} high=${`${figure(range[1])} ${frame.unit}`}></explain-legend>` : nothing}
      ${chosen === null ? nothing : chosenCard(manifest, this.probe.inputsOf(run), sampleRow({ manifest, now: predictions }, chosen), "")}
      ${boundaryFilm(this.frames, manifest, now, before?.run === run ? before.step : null, range)}
    </section>`;
  }

  /** The same for as long as the same frames are in memory: their number, and the last of them, tell. */
  private rangeOfAll(all: readonly Moment<Boundary>[]): [number, number] {
    const kept = all.filter(({ frame }) => frame.value);
    return kept.length ? this.range(kept.length, kept[kept.length - 1].step, kept) : [0, 1];
  }

  private renderHead(now?: Moment<Boundary>, manifest?: Manifest) {
    const heading = now?.frame.value ? "Output on a plane" : "Decision boundary";
    return html`<div class="row head">
      <explain-figure-title heading=${heading} .help=${BOUNDARY_HELP}></explain-figure-title>
      ${now && manifest ? figureMenu(heading, () => boundaryTable(now.frame, manifest)) : nothing}
      ${now ? html`<span class="faint clip at">${ofStep(now.run, now.step, store.state.epoch)}</span>` : nothing}
    </div>`;
  }

  private tell({ sample, x, y, width, height }: Pointed, { run, step, frame }: Moment<Boundary>, manifest: Manifest) {
    if (sample !== null) {
      const row = sampleRow({ manifest, now: this.predictions.at(run, step)?.frame }, sample);
      return html`<b><bdi>${row.name}</bdi></b><br />${verdictWords(row)}${samplePicture(manifest, this.probe.inputsOf(run), sample)}`;
    }
    const plot = plotOf(width, height);
    const [across, up] = [(x - plot.left) / plot.width, 1 - (y - plot.top) / plot.height];
    if (across < 0 || across > 1 || up < 0 || up > 1) return nothing;
    const at = (part: number) => Math.min(frame.size - 1, Math.floor(part * frame.size));
    const cell = at(up) * frame.size + at(across);
    if (frame.value)
      return html`${Number.isFinite(frame.value[cell]) ? figure(frame.value[cell]) : "not finite"} ${frame.unit}`;
    const of = frame.class?.[cell] ?? -1;
    const sure = frame.probability?.[cell] ?? Number.NaN;
    return of < 0 || !Number.isFinite(sure)
      ? html`not finite`
      : html`here it says <b><bdi>${className(manifest, of)}</bdi></b>, ${percent(sure)}`;
  }

  private summary({ run, step, frame }: Moment<Boundary>, manifest: Manifest, { wrong }: Looks): string {
    const where = `${isolated(frame.x)} from left to right, ${isolated(frame.y)} upwards`;
    const parts = new Map<number, number>();
    for (const of of frame.class ?? []) parts.set(of, (parts.get(of) ?? 0) + 1);
    const largest = [...parts].sort(([, a], [, b]) => b - a).slice(0, 3);
    const said = largest.map(
      ([of, cells]) =>
        `${of < 0 ? "not finite" : isolated(className(manifest, of))} ${percent(cells / frame.size ** 2)}`,
    );
    return `${frame.value ? "Output on a plane" : "Decision boundary"}, ${ofStep(run, step, store.state.epoch)}: ${where}; ${[...said, `${wrong.filter(Boolean).length} samples said wrong`].join(", ")}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-boundary": BoundaryPanel;
  }
}
