/** `<explain-transport>`: the one cursor. Buttons, a number, and a track whose bars show where explanations moved. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmSteps } from "../alarms";
import { getDrift } from "../api";
import { stepTicks } from "../charts/curve_data";
import { barsPath, type EpochScale, epochScale } from "../charts/epoch_bars";
import { icon } from "../elements/icons";
import { minus } from "../format";
import { load } from "../loading";
import {
  attributionTag,
  cursorSteps,
  focusRun,
  moveEpoch,
  nearest,
  referenceStep,
  setEpoch,
  setReference,
  stepName,
  store,
  Watch,
} from "../state";
import { base } from "../styles";
import { togglePlaying } from "./playing";

const BARS = 26;
/** Nearer to an end of the track than this, labels stop being centred. */
const EDGE = 20;
/** Between the middles of the cursor's pill and the reference's, so that both can be read. */
const PILLS = 44;

@customElement("explain-transport")
export class Transport extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex; height: 72px; border-top: 1px solid var(--line2); background: var(--rail); user-select: none;
      }
      .controls { flex: none; width: 240px; padding: 8px 0 0 8px; }
      .controls .row { gap: 2px; white-space: nowrap; }
      .play { width: 28px; border-radius: 50%; background: var(--ink); color: var(--bg); }
      .play:hover:not(:disabled) { background: var(--ink2); }
      .play svg { width: 14px; height: 14px; }
      input {
        width: 44px; height: 28px; margin: 0 4px 0 6px; border: 1px solid var(--line2); border-radius: 6px;
        background: var(--bg); font-weight: 600; text-align: center;
      }
      .hints { margin: 5px 0 0 8px; font-size: 11px; }
      .track { position: relative; flex: 1; min-width: 0; margin: 0 24px 0 0; cursor: pointer; touch-action: none; }
      .track:focus-visible { outline-offset: -3px; border-radius: 6px; }
      .bars { position: absolute; left: 0; top: 20px; width: 100%; height: ${BARS}px; fill: var(--line2); }
      .bars.moved { fill: var(--accent); }
      .what { position: absolute; z-index: 1; right: 8px; top: 2px; padding: 0 4px; background: var(--rail); }
      .tick, .pill { position: absolute; top: 50px; left: 0; white-space: nowrap; }
      .tick { color: var(--ink3); font-size: 11px; }
      .pill { z-index: 1; padding: 0 8px; border-radius: 8px; font-size: 11px; line-height: 16px; }
      .pill.cursor { background: var(--cursor); color: var(--bg); font-weight: 600; }
      .pill.reference { border: 1px dashed var(--ink2); background: var(--rail); color: var(--ink2); line-height: 14px; }
      .line { position: absolute; top: 4px; left: 0; height: 46px; width: 0; }
      .line.cursor { border-left: 1.25px solid var(--cursor); }
      .line.reference { border-left: 1px dashed var(--ink2); }
      .line.hover { border-left: 1px solid var(--line2); }
      .alarm { position: absolute; top: 4px; left: -5px; color: var(--alarm); font-size: 10px; line-height: 12px; }
      @media (max-width: 1199px) {
        .controls { width: 232px; }
      }
      @media (max-width: 639px) {
        .what, .hints { display: none; }
        .controls { width: 170px; }
        .controls .end { display: none; }
      }
    `,
  ];

  @state() private width = 0;
  private sizes = new ResizeObserver(([entry]) => {
    this.width = Math.round(entry.contentRect.width);
  });

  private drift = load(
    this,
    () => {
      const run = focusRun(store.state);
      const tag = run && attributionTag(store.state, run);
      return run && tag ? ([run.run, tag, store.state.revision] as const) : null;
    },
    ([run, tag], signal) => getDrift(run, tag, "previous", signal),
  );

  constructor() {
    super();
    new Watch(this);
    new Watch(this, ["hover"]);
  }

  protected override firstUpdated(): void {
    const track = this.renderRoot.querySelector(".track");
    if (track) this.sizes.observe(track);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  protected override render() {
    const { state } = store;
    const steps = cursorSteps(state);
    return html`${this.controls(steps)}${this.track(steps)}`;
  }

  private controls(steps: readonly number[]) {
    const { epoch, playing } = store.state;
    const [first, last] = [steps[0], steps.at(-1)];
    const button = (name: "first" | "previous" | "next" | "last", label: string, off: boolean, go: () => void) =>
      html`<button class="icon ${name === "first" || name === "last" ? "end" : ""}" title=${label} aria-label=${label} ?disabled=${off} @click=${go}>
        ${icon(name)}
      </button>`;
    return html`<div class="controls">
      <div class="row">
        ${button("first", "First step (Home)", epoch === first, () => setEpoch(first, { push: true }))}
        ${button("previous", "Step before (←)", epoch === first, () => moveEpoch(-1))}
        <button class="icon play" title="Play (Space)" aria-label=${playing ? "Stop" : "Play"} ?disabled=${steps.length < 2} @click=${togglePlaying}>
          ${icon(playing ? "pause" : "play")}
        </button>
        ${button("next", "Next step (→)", epoch === last, () => moveEpoch(1))}
        ${button("last", "Last step (End)", epoch === last, () => setEpoch(last ?? 0, { push: true }))}
        <input
          aria-label="Epoch"
          inputmode="numeric"
          autocomplete="off"
          .value=${epoch === null ? "" : minus(epoch)}
          @change=${this.type}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
        />
        <span class="faint">/ ${last === undefined ? "" : minus(last)}</span>
      </div>
      <p class="row hints faint"><kbd>←</kbd><kbd>→</kbd>&nbsp;step&ensp;<kbd>⇧</kbd>&nbsp;click: reference</p>
    </div>`;
  }

  private type(event: Event): void {
    const field = event.target as HTMLInputElement;
    const step = Number(field.value.replace("\u2212", "-"));
    if (field.value.trim() && Number.isFinite(step)) setEpoch(step, { push: true });
    field.value = minus(store.state.epoch ?? "");
    field.blur();
  }

  private track(steps: readonly number[]) {
    const { epoch } = store.state;
    const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
    return html`<div
      class="track"
      role="slider"
      tabindex="0"
      aria-label="Epoch"
      aria-valuemin=${first}
      aria-valuemax=${last}
      aria-valuenow=${epoch ?? first}
      aria-valuetext=${stepName(epoch ?? first, steps)}
      @pointerdown=${this.pick}
      @pointermove=${this.point}
      @pointerleave=${() => store.set({ hover: null })}
      @keydown=${this.key}
    >
      ${steps.length && this.width ? this.marks(steps, epochScale(first, last, this.width)) : nothing}
    </div>`;
  }

  private marks(steps: readonly number[], scale: EpochScale) {
    const { epoch, hover } = store.state;
    const reference = referenceStep(store.state);
    const drift = this.drift.value;
    const path = drift ? barsPath(drift.steps, drift.shareShift.value, scale, BARS) : "";
    const [from, to] = [reference ?? steps[0], epoch ?? steps[0]].sort((a, b) => a - b);
    const left = scale.x(from) + scale.slot / 2;
    const right = Math.max(this.width - scale.x(to) - scale.slot / 2, 0);
    const at = (step: number) => styleMap({ transform: `translateX(${scale.x(step)}px)` });
    // Pills and ticks are centred on their step, but stay inside the track; `side` moves one out of another's way.
    const label = (step: number, side = 0) => {
      const middle = scale.x(step);
      const [from, part] = middle < EDGE ? [0, 0] : middle > this.width - EDGE ? [this.width, -100] : [middle, -50];
      return styleMap({ transform: `translateX(calc(${from + side}px + ${part}%))` });
    };
    const between = reference === null || epoch === null ? Infinity : scale.x(reference) - scale.x(epoch);
    const aside = Math.abs(between) < PILLS ? Math.sign(between) * (PILLS - Math.abs(between)) : 0;
    const bars = (kind: string, clip = "") =>
      html`<svg class="bars ${kind}" aria-hidden="true" style=${styleMap({ clipPath: clip })}><path d=${path}></path></svg>`;
    return html`
      ${bars("")} ${bars("moved", `inset(0 ${right}px 0 ${left}px)`)}
      <span class="what caption">${
        this.drift.error
          ? `no bars: ${(this.drift.error as Error).message}`
          : "bars: share of the attribution that moved since the step before"
      }</span>
      ${alarmSteps().map((step) => html`<span class="line" style=${at(step)}><span class="alarm">▲</span></span>`)}
      ${stepTicks(steps[0], steps[steps.length - 1], Math.max(2, Math.round(this.width / 150))).map(
        (step) =>
          html`<span class="tick" style=${label(step)}>${minus(step)}${step === steps[0] ? " start" : ""}</span>`,
      )}
      ${hover === null ? nothing : html`<span class="line hover" style=${at(hover)}></span>`}
      ${
        reference === null || reference === epoch
          ? nothing
          : html`<span class="line reference" style=${at(reference)}></span>
              <span class="pill reference" style=${label(reference, aside)}>ref ${reference === steps[0] ? "start" : minus(reference)}</span>`
      }
      ${
        epoch === null
          ? nothing
          : html`<span class="line cursor" style=${at(epoch)}></span>
              <span class="pill cursor" style=${label(epoch)}>${minus(epoch)}</span>`
      }
    `;
  }

  private stepAt(event: PointerEvent): number | undefined {
    const steps = cursorSteps(store.state);
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (!steps.length) return undefined;
    return nearest(steps, epochScale(steps[0], steps[steps.length - 1], this.width).stepAt(event.clientX - left));
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
    store.set({ hover: step });
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
