/** `<explain-track>`: the slider over all epochs. Its bars show where explanations moved, the part since the reference in accent. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { alarmSteps } from "../alarms";
import { getDrift } from "../api";
import { stepTicks } from "../charts/curve_data";
import { barsPath, type EpochScale, epochScale } from "../charts/epoch_bars";
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
  shortStep,
  stepName,
  store,
  Watch,
} from "../state";
import { base } from "../styles";

const BARS = 26;
/** Nearer to an end of the track than this, labels stop being centred. */
const EDGE = 20;
/** Between the middles of the cursor's pill and the reference's, so that both can be read. */
const PILLS = 44;

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
      @media (max-width: 639px) {
        .what { display: none; }
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
    new Watch(this, ["epoch", "hover", "against", "groups", "focus", "method", "alarms", "visible", "revision"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  protected override render() {
    const steps = cursorSteps(store.state);
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
      ${this.ticks(steps, scale, [epoch, reference]).map(
        (step) =>
          html`<span class="tick" style=${label(step)}>${minus(step)}${step === steps[0] ? " start" : ""}</span>`,
      )}
      ${hover === null ? nothing : html`<span class="line hover" style=${at(hover)}></span>`}
      ${
        reference === null || reference === epoch
          ? nothing
          : html`<span class="line reference" style=${at(reference)}></span>
              <span class="pill reference" style=${label(reference, aside)}>ref ${shortStep(reference, steps)}</span>`
      }
      ${
        epoch === null
          ? nothing
          : html`<span class="line cursor" style=${at(epoch)}></span>
              <span class="pill cursor" style=${label(epoch)}>${minus(epoch)}</span>`
      }
    `;
  }

  /** Steps to write below the track: not where a pill stands. */
  private ticks(steps: readonly number[], scale: EpochScale, pills: readonly (number | null)[]): number[] {
    const all = stepTicks(steps[0], steps[steps.length - 1], Math.max(2, Math.round(this.width / 150)));
    const taken = pills.flatMap((step) => (step === null ? [] : [scale.x(step)]));
    return all.filter((step) => taken.every((x) => Math.abs(scale.x(step) - x) > (step === steps[0] ? 64 : PILLS - 8)));
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
