/** `<explain-track>`: the slider over all epochs. Its bars show where explanations moved, the part since the reference in accent. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmMarks } from "../alarms";
import { type Drift, getDrift } from "../api";
import { epochTicks } from "../charts/curve_data";
import { barsPath, type EpochScale, epochScale } from "../charts/epoch_bars";
import { SIGN_TEXT, signColour } from "../charts/signs";
import { onResize } from "../elements/resize";
import { load } from "../loading";
import { memo } from "../memo";
import { markedStep, setReference } from "../references";
import {
  cursorPlace,
  cursorStepNear,
  cursorSteps,
  explained,
  focusRun,
  moveEpoch,
  type RunEntry,
  setEpoch,
  store,
  Watch,
} from "../state";
import { longStepName, placeOf, placesAt, placeText, shortStep } from "../steps";
import { base } from "../styles";

const BARS = 26;
/** Nearer to an end of the track than this, labels stop being centred. */
const EDGE = 20;
/** Between the middles of a pill and a tick, so that both can be read. */
const PILLS = 44;
/** Between the cursor's pill and the reference's. */
const APART = 4;
/** What the caption takes at most. */
const CAPTION = 400;

/** What of the track does not move with the cursor. */
const placesOf = memo(placesAt);
const scaleOf = memo(epochScale);
const barsOf = memo((run: RunEntry | undefined, drift: Drift, scale: EpochScale) =>
  barsPath(placesAt(run, drift.steps), drift.shareShift.value, scale, BARS),
);
const marksOf = memo((_alarms: unknown, _run: unknown) => alarmMarks());

/** How wide a pill of these words is, or a little less wide than that. */
const pillWidth = (text: string): number => 18 + 6.6 * text.length;

/** Where a pill begins that is centred on its step, inside the track. */
const pillStart = (text: string, middle: number, width: number): number =>
  Math.max(0, Math.min(width - pillWidth(text), middle - pillWidth(text) / 2));

/** Where the reference's pill begins: out of the way of the cursor's, on its own side of it where there is room. */
export function besideCursor(
  text: string,
  middle: number,
  cursor: string | null,
  cursorMiddle: number,
  width: number,
): number {
  const start = pillStart(text, middle, width);
  if (cursor === null) return start;
  const wide = pillWidth(text);
  const [from, to] = [
    pillStart(cursor, cursorMiddle, width),
    pillStart(cursor, cursorMiddle, width) + pillWidth(cursor),
  ];
  if (start + wide + APART <= from || start >= to + APART) return start;
  const [before, after] = [from - APART - wide, to + APART];
  const left = middle < cursorMiddle ? before >= 0 : after + wide > width;
  return left ? before : after;
}

/** At which end of the track the caption hides no sign: the right one, the left one, or neither. */
export function captionSide(signs: readonly number[], width: number): "" | "left" | "none" {
  if (signs.every((x) => x < width - CAPTION)) return "";
  return signs.every((x) => x > CAPTION) ? "left" : "none";
}

@customElement("explain-track")
export class Track extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .track { position: relative; height: 100%; cursor: pointer; touch-action: none; }
      .track:focus-visible { outline-offset: -3px; border-radius: 6px; }
      .bars { position: absolute; left: 0; top: 20px; width: 100%; height: ${BARS}px; fill: var(--line2); }
      .bars.moved { fill: var(--accent); }
      .what { position: absolute; z-index: 1; right: 8px; top: 2px; max-width: ${CAPTION - 16}px; padding: 0 4px; background: var(--rail); }
      .what.left { right: auto; left: 8px; }
      .what.none { display: none; }
      .tick, .pill { position: absolute; top: 50px; left: 0; white-space: nowrap; }
      .tick { color: var(--ink3); font-size: 11px; }
      .pill { z-index: 1; padding: 0 8px; border-radius: 8px; font-size: 11px; line-height: 16px; }
      .pill.cursor { background: var(--cursor); color: var(--bg); font-weight: 600; }
      .pill.reference { border: 1px dashed var(--ink2); background: var(--rail); color: var(--ink2); line-height: 14px; }
      .line { position: absolute; top: 4px; left: 0; height: 46px; width: 0; }
      .line.cursor { border-left: 1.25px solid var(--cursor); }
      .line.reference { border-left: 1px dashed var(--ink2); }
      .line.hover { border-left: 1px solid var(--line2); }
      .sign { position: absolute; top: 4px; left: -5px; width: 10px; text-align: center; color: var(--alarm); font-size: 10px; line-height: 12px; }
      .sign.warn { color: var(--warn); }
      @media (max-width: 639px) {
        .what { display: none; }
      }
    `,
  ];

  @state() private width = 0;
  /** Where it begins in the window: asked again with each move of the pointer, the browser would lay everything out for the answer. */
  private left = 0;

  private drift = load(
    this,
    () => {
      const of = explained(store.state);
      return of && ([of.run.run, of.tag, store.state.revision] as const);
    },
    ([run, tag], signal) => getDrift(run, tag, "previous", signal),
  );

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = Math.round(width);
      this.left = this.getBoundingClientRect().left;
    });
    new Watch(this, ["epoch", "hover", "against", "groups", "focus", "method", "alarms", "visible", "revision"]);
  }

  protected override render() {
    const steps = cursorSteps(store.state);
    const { epoch } = store.state;
    const run = focusRun(store.state);
    const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
    return html`<div
      class="track"
      role="slider"
      tabindex="0"
      aria-label="Epoch"
      aria-valuemin=${placeOf(run, first)}
      aria-valuemax=${placeOf(run, last)}
      aria-valuenow=${placeOf(run, epoch ?? first)}
      aria-valuetext=${longStepName(run, epoch ?? first)}
      @pointerdown=${this.pick}
      @pointermove=${this.point}
      @pointerleave=${() => store.set({ hover: null })}
      @keydown=${this.key}
    >
      ${steps.length && this.width ? this.marks(run, steps, this.scale()) : nothing}
    </div>`;
  }

  private scale(): EpochScale {
    return scaleOf(placesOf(focusRun(store.state), cursorSteps(store.state)), this.width);
  }

  private marks(run: RunEntry | undefined, steps: readonly number[], scale: EpochScale) {
    const { epoch, hover } = store.state;
    const reference = markedStep(store.state);
    const drift = this.drift.value;
    const path = drift ? barsOf(run, drift, scale) : "";
    const x = (step: number): number => scale.x(placeOf(run, step));
    const [from, to] = [reference ?? epoch ?? steps[0], epoch ?? steps[0]].sort((a, b) => a - b);
    const left = x(from) + scale.slot / 2;
    const right = Math.max(this.width - x(to) - scale.slot / 2, 0);
    const pixels = (middle: number) => styleMap({ transform: `translateX(${middle}px)` });
    const at = (step: number) => pixels(x(step));
    // Pills and ticks are centred on their step, but stay inside the track.
    const label = (middle: number) => {
      const [from, part] = middle < EDGE ? [0, 0] : middle > this.width - EDGE ? [this.width, -100] : [middle, -50];
      return styleMap({ transform: `translateX(calc(${from}px + ${part}%))` });
    };
    const text = reference === null || reference === epoch ? "" : `ref ${shortStep(run, reference)}`;
    const signs = marksOf(store.state.alarms, run);
    const bars = (kind: string, clip = "") =>
      html`<svg class="bars ${kind}" aria-hidden="true" style=${styleMap({ clipPath: clip })}><path d=${path}></path></svg>`;
    return html`
      ${bars("")} ${bars("moved", `inset(0 ${right}px 0 ${left}px)`)}
      <span class="what caption clip ${captionSide(
        signs.map(({ place }) => scale.x(place)),
        this.width,
      )}">${
        this.drift.error
          ? `no bars: ${(this.drift.error as Error).message}`
          : "bars: share of the attribution that moved since the step before"
      }</span>
      ${signs.map(
        ({ place, sign }) =>
          html`<span class="line" style=${pixels(scale.x(place))}><span class="sign ${signColour(sign)}">${SIGN_TEXT[sign]}</span></span>`,
      )}
      ${this.ticks(
        placeOf(run, steps[0]),
        placeOf(run, steps[steps.length - 1]),
        scale,
        [epoch, reference].flatMap((step) => (step === null ? [] : [x(step)])),
      ).map(
        (place) =>
          html`<span class="tick" style=${label(scale.x(place))}>${placeText(place)}${place === placeOf(run, steps[0]) ? " start" : ""}</span>`,
      )}
      ${hover === null ? nothing : html`<span class="line hover" style=${pixels(scale.x(hover))}></span>`}
      ${
        reference === null || !text
          ? nothing
          : html`<span class="line reference" style=${at(reference)}></span>
              <span class="pill reference" style=${pixels(besideCursor(text, x(reference), epoch === null ? null : placeText(placeOf(run, epoch)), x(epoch ?? reference), this.width))}>${text}</span>`
      }
      ${
        epoch === null
          ? nothing
          : html`<span class="line cursor" style=${at(epoch)}></span>
              <span class="pill cursor" style=${label(x(epoch))}>${placeText(placeOf(run, epoch))}</span>`
      }
    `;
  }

  /** Epochs to write below the track: not where a pill stands, of whose middles `pills` are the pixels. */
  private ticks(first: number, last: number, scale: EpochScale, pills: readonly number[]): number[] {
    const all = epochTicks(first, last, Math.max(2, Math.round(this.width / 150)));
    return all.filter((place) => pills.every((x) => Math.abs(scale.x(place) - x) > (place === first ? 64 : PILLS - 8)));
  }

  private stepAt(event: PointerEvent): number | undefined {
    return cursorStepNear(store.state, this.scale().epochAt(event.clientX - this.left));
  }

  private pick(event: PointerEvent): void {
    const step = this.stepAt(event);
    if (step === undefined || event.button !== 0) return;
    if (event.shiftKey) {
      setReference(step);
      return;
    }
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    setEpoch(step, { push: true });
  }

  private point(event: PointerEvent): void {
    const step = this.stepAt(event);
    if (step === undefined) return;
    store.set({ hover: cursorPlace(store.state, step) });
    if (event.buttons === 1 && !event.shiftKey) setEpoch(step);
  }

  /** What a slider must know beyond the keys that work everywhere. */
  private key(event: KeyboardEvent): void {
    const moves: Record<string, number> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    moveEpoch(moves[event.key]);
  }
}
