/**
 * `<explain-feature-classes>`: what carries each class: its words, where in its images, which columns of its table; now and at the reference.
 * It follows the store by itself and asks for the frames that it draws.
 */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { ManifestInput } from "../api";
import { peekPredictions } from "../api";
import { clippedNameStyles } from "../elements/clipped_name";
import { controlStyles, findBox, segments } from "../elements/controls";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import "../elements/legend";
import { methodOffer } from "../elements/method_offer";
import { onResize } from "../elements/resize";
import { note, problems, skeleton } from "../elements/states";
import type { FigureHelp } from "../elements/words_dialog";
import { capital, figure, signed } from "../format";
import { memo } from "../memo";
import { methodTitle } from "../methods";
import { notDrawn, placeName } from "../references";
import { focusManifest, focusRun, store, Watch } from "../state";
import { base } from "../styles";
import { type ClassFrames, fewSaid, headStyles } from "./class_head";
import { classesByLabel, classesByPrediction, classesToShow, type SampleClass } from "./class_samples";
import { cellNamesOf, classMaps, mapStyles, meansLimit, meansOf, meansTable } from "./features_class_maps";
import { classTable, columnsWithin, tableStyles } from "./features_class_table";
import { wordLists, wordStyles, wordsTable } from "./features_class_words";
import { parseSplit, type SplitChoice } from "./features_split";
import { MAPS_HELP, TABLE_HELP, WORDS_HELP } from "./features_split_help";
import { chooseSplit, splitSegments } from "./features_split_tools";
import { predictionAt } from "./samples_ahead";
import { SampleAnswers } from "./samples_answers";
import { explainsInput, type Picture } from "./samples_data";
import { livePicture, steady } from "./samples_live";
import { isRegression } from "./samples_model";

/** So many classes are shown at once, by what is drawn of them. */
const MOST: Record<ManifestInput["kind"], number> = { text: 6, tabular: 8, image: 20, sequence: 20 };

const FIGURES: Record<ManifestInput["kind"], { title: string; help: FigureHelp }> = {
  text: { title: "Words that carry a class", help: WORDS_HELP },
  tabular: { title: "Features by class", help: TABLE_HELP },
  image: { title: "Mean map by class", help: MAPS_HELP },
  sequence: { title: "Mean course by class", help: MAPS_HELP },
};

@customElement("explain-feature-classes")
export class FeatureClasses extends LitElement {
  static override styles = [
    base,
    controlStyles,
    clippedNameStyles,
    headStyles,
    wordStyles,
    mapStyles,
    tableStyles,
    css`
      :host { overflow: hidden auto; scrollbar-gutter: stable; }
      section { margin: 0 8px 24px 0; }
      .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; margin-bottom: 8px; }
      explain-legend { margin-top: 12px; }
      .offers { margin-top: 8px; flex-wrap: wrap; }
    `,
  ];

  private answers = new SampleAnswers(this, { compares: false });
  private steady = steady<Picture>();
  private byLabel = memo(classesByLabel);
  private byPrediction = memo(classesByPrediction);
  private toShow = memo(classesToShow);
  protected watch = new Watch(this);
  /** Of the view; columns that would not fit are left out. */
  @state() private width = Number.POSITIVE_INFINITY;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = width;
    });
  }

  protected override willUpdate(): void {
    this.answers.follow();
  }

  protected override updated(): void {
    this.answers.fetchNear();
  }

  protected override render() {
    const choice = parseSplit(store.state.filter);
    const manifest = focusManifest(store.state);
    if (!manifest || isRegression(manifest)) {
      return this.framed(
        manifest
          ? note(
              "A regression has no classes",
              "Its samples have numbers for targets. Choose all samples, or by group where groups are declared.",
            )
          : skeleton(480),
      );
    }
    const { subject, frames, verdicts, inputs } = this.answers;
    if (!subject) return this.framed(methodOffer(focusRun(store.state)) ?? nothing);
    const picture = this.steady(livePicture(subject, store.state, frames, inputs));
    const classes = choice.predicted
      ? this.byPrediction(manifest, this.said(picture) ?? verdicts?.now)
      : this.byLabel(manifest);
    const failures = problems(
      this.answers.failed.map(({ error }) => error),
      () => this.answers.tryAgain(),
    );
    return this.framed(html`${failures}${this.figures(picture, classes, choice)}`, { choice, classes });
  }

  /** What the model says at the drawn step, where that is in memory. */
  private said({ run, nowStep }: Picture) {
    const known = predictionAt(run, nowStep);
    return known && peekPredictions(run.run, ...known);
  }

  private framed(content: unknown, more?: { choice: SplitChoice; classes: readonly SampleClass[] }): TemplateResult {
    const least = Math.min(...(focusManifest(store.state)?.inputs ?? []).map(({ kind }) => MOST[kind]));
    return html`<div class="tools" role="toolbar" aria-label="Features">
      ${splitSegments()}
      ${
        more
          ? html`${segments(
              "Class",
              more.choice.predicted ? "predicted" : "label",
              [
                { id: "label", title: "Label" },
                { id: "predicted", title: "Prediction" },
              ],
              (id) => chooseSplit({ predicted: id === "predicted" }),
            )}
            ${more.classes.length > least || more.choice.sought ? findBox("Find a class", more.choice.sought, (sought) => chooseSplit({ sought }, false)) : nothing}`
          : nothing
      }
    </div>${content}`;
  }

  private figures(picture: Picture, all: readonly SampleClass[], { predicted, sought }: SplitChoice) {
    if (!picture.now) return this.answers.frameFailed ? nothing : skeleton(480);
    if (all.length === 0) {
      return predicted
        ? note(
            "No predictions here",
            "The model’s predictions are not in the log at this epoch, or none is finite. Choose by label.",
          )
        : note(
            "The probe has no labels",
            "Without targets its samples have no class of their own. Choose by prediction.",
          );
    }
    const { manifest } = picture;
    const explained = manifest.inputs.filter((input) => explainsInput(picture, input));
    return explained.map((input) => {
      const classes = this.toShow(
        all,
        input.kind === "tabular" ? Math.min(MOST.tabular, columnsWithin(this.width)) : MOST[input.kind],
        sought,
      );
      const frames: ClassFrames = { picture, classes, rested: this.answers.frames?.now, predicted };
      if (classes.length === 0)
        return note("No class is called that", `None of the ${all.length} classes contains “${sought}”.`);
      const { title, help } = FIGURES[input.kind];
      const name = explained.length > 1 ? `${title}: ${input.name}` : title;
      const table = () =>
        input.kind === "text" ? wordsTable(frames, input) : meansTable(frames, input, cellNamesOf(input));
      return html`<section>
        <div class="title"><explain-figure-title heading=${name} .help=${help}></explain-figure-title>${figureMenu(name, table)}
          <span class="caption">${captionOf(picture, classes, all, input)}</span></div>
        ${figureOf(frames, input)}
      </section>`;
    });
  }
}

/** "Integrated gradients, nats of log-odds · the 20 of 200 classes with most samples · few samples in a class: wide errors" */
function captionOf(
  { method, unit, referenceAt, run }: Picture,
  classes: readonly SampleClass[],
  all: readonly SampleClass[],
  { kind }: ManifestInput,
): string {
  const told = notDrawn(store.state);
  return [
    [methodTitle(method), unit].filter(Boolean).join(", "),
    kind === "text" && classes.length > 1 ? "each class on its own axis" : "",
    kind === "text" && referenceAt ? `dashed: ${placeName(referenceAt, run)}` : "",
    classes.length < all.length ? `${classes.length} of ${all.length} classes, those with most samples` : "",
    fewSaid(classes),
    told && capital(told),
  ]
    .filter(Boolean)
    .join(" · ");
}

function figureOf(frames: ClassFrames, input: ManifestInput) {
  const { picture } = frames;
  if (input.kind === "text") {
    if (!picture.manifest.probe.inputs_logged)
      return note(
        "The words are not in the log",
        "The probe was made with log_inputs=False. With the texts logged, their words stand here.",
      );
    return picture.inputs ? wordLists(frames, input) : skeleton(400);
  }
  const limit = meansLimit(meansOf(frames, input));
  const { dark } = store.state;
  const legend = picture.signed
    ? html`<explain-legend signed ?dark=${dark} low=${`${signed(-limit)} against`} high=${`${signed(limit)} for the label`}></explain-legend>`
    : html`<explain-legend ?dark=${dark} low="0" high=${figure(limit)}></explain-legend>`;
  return html`${input.kind === "tabular" ? classTable(frames, input) : classMaps(frames, input)}${legend}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-classes": FeatureClasses;
  }
}
