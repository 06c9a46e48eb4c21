/** `<explain-curve-panel>`: a title row with the values at the cursor (or under the pointer), and the curves below. */
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { canBeLog, indexAt, type Line } from "../charts/curve_data";
import type { Marks } from "../charts/curve_marks";
import { curveTable } from "../charts/curve_table";
import { type Curves, curves } from "../charts/curves";
import { chooseScale, shownScale } from "../curve_settings";
import type { Figure } from "../downloads";
import { memo } from "../memo";
import { store, Watch } from "../state";
import { placeText } from "../steps";
import { base } from "../styles";
import { paletteOf } from "../theme";
import "./curve_list";
import { panelStyles } from "./curve_panel_styles";
import { type Band, curvePointer } from "./curve_pointer";
import "./figure_menu";
import type { Switch } from "./figure_menu";
import { marksNow, onMarks } from "./marked";
import { type Panel, shownPanel } from "./panel";
import { PICTURE_RATIO } from "./picture";
import { onResize } from "./resize";
import "./words_dialog";
import { saidOf } from "./words_dialog";

/** More would push the title out of its row: so much room for the title, so much for a value. */
const TITLE_WIDTH = 170;
const VALUE_WIDTH = 48;
const MOST_VALUES = 4;
const HEIGHT = 80;

export type { Panel } from "./panel";

@customElement("explain-curve-panel")
export class CurvePanel extends LitElement {
  static override styles = [base, panelStyles];

  @property({ attribute: false }) panel?: Panel;

  @state() private helping = false;
  @state() private alone = false;
  /** Whether the pointer or the keyboard is at the chart. */
  @state() private looked = false;

  private chart?: Curves;
  private drawn: unknown[] = [];
  private shown = memo(shownPanel);
  private pointer = curvePointer(
    () => this.chart && this.panel && { chart: this.chart, whole: this.panel.range },
    (band) => this.band(band),
  );
  private width = 0;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      if (Math.round(width) === this.width) return;
      this.width = Math.round(width);
      this.requestUpdate();
    });
    new Watch(this, ["dark", "groups", "focus", "method", "smoothing", "scales", "zoom"]);
    onMarks(this, (marks) => this.mark(marks));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.chart?.destroy();
    this.chart = undefined;
    this.drawn = [];
  }

  protected override render() {
    const panel = this.shownPanel;
    if (!this.panel || !panel) return nothing;
    const { title, unit, help } = panel;
    const tell = (helping: boolean) => () => {
      this.helping = helping;
    };
    return html`
      <div class="row title ${panel.named ? "named" : ""}">
        <span class="spread clip" title=${unit ? `${title}, ${unit}` : title}
          >${
            help
              ? html`<button class="about" aria-haspopup="dialog" title=${`${title}: what this means`} @click=${tell(true)}>${title}</button>`
              : html`<b>${title}</b>`
          } <span class="faint">${unit}</span></span
        >
        ${this.menu(this.panel)} ${panel.ends ? nothing : html`<span class="values">${this.values()}</span>`}
      </div>
      <div
        class="plot"
        tabindex="0"
        role="img"
        @pointerenter=${this.look}
        @focus=${this.look}
        @blur=${this.look}
        @pointermove=${this.pointer.move}
        @pointerleave=${this.leave}
        @pointerdown=${this.pointer.down}
        @pointerup=${this.pointer.up}
        @pointercancel=${this.pointer.cancel}
        @wheel=${this.pointer.wheel}
        @dblclick=${this.pointer.double}
      ><div class="zooming" hidden></div></div>
      ${this.looked && this.more && !panel.ends ? this.list() : nothing}
      ${help && this.helping ? html`<explain-words .heading=${title} .rows=${saidOf(help)} @close=${tell(false)}></explain-words>` : nothing}
    `;
  }

  protected override updated(): void {
    const root = this.renderRoot.querySelector<HTMLElement>(".plot");
    const panel = this.shownPanel;
    if (!root || !panel || this.width < 80) return;
    const { dark } = store.state;
    const key = [panel, dark, this.width, devicePixelRatio, this.alone];
    if (!this.chart || key.some((part, i) => part !== this.drawn[i])) {
      this.chart?.destroy();
      const dotted = this.valued.toReversed();
      this.chart = curves(root, panel, paletteOf(dark), { width: this.width, height: panel.height ?? HEIGHT, dotted });
      this.drawn = key;
    }
    this.mark(marksNow());
  }

  /** What moves with the cursor: its line, and the values that are written. Nothing is drawn or rendered again for it. */
  private mark(marks: Marks): void {
    const { chart, panel } = this;
    if (!chart || !panel) return;
    chart.mark(marks);
    const place = marks.hover ?? marks.cursor;
    const texts = this.valued.map((line) => this.text(line, line.values, place));
    this.renderRoot.querySelectorAll(".figure").forEach((element, i) => {
      element.textContent = texts[i];
    });
    const said = this.valued.map(({ label }, i) => `${label} ${texts[i]}`);
    if (this.more) said.push(`and ${this.more} more`);
    const alarms = new Set(panel.alarms?.map((alarm) => placeText(alarm.place)));
    if (alarms.size) said.push(`alarms at ${[...alarms].join(", ")}`);
    this.renderRoot
      .querySelector(".plot")
      ?.setAttribute("aria-label", `${panel.title} ${this.shownPanel?.unit}: ${said.join(", ") || "no values"}`);
  }

  private get shownPanel(): Panel | undefined {
    const { smoothing, zoom, scales } = store.state;
    return this.panel && this.shown(this.panel, smoothing, zoom, scales, this.alone || this.panel.axis);
  }

  /** Whose values are written: the focus run's first, then those of as many others as fit. */
  private get valued(): readonly Line[] {
    const room = Math.min(MOST_VALUES, Math.max(1, Math.floor((this.width - TITLE_WIDTH) / VALUE_WIDTH)));
    const all = this.ordered(this.shownPanel?.lines ?? []);
    return all.length > room ? all.slice(0, Math.max(1, room - 1)) : all;
  }

  private ordered = memo((lines: readonly Line[]) =>
    lines
      .filter((line) => !line.dotted && !line.dashed && !line.aside)
      .sort((a, b) => Number(b.focus) - Number(a.focus)),
  );

  /** How many lines have no room for their value. */
  private get more(): number {
    return this.ordered(this.shownPanel?.lines ?? []).length - this.valued.length;
  }

  private list() {
    const figure = (line: Line, place: number | null) => this.text(line, line.values, place);
    return html`<explain-curve-list .lines=${this.ordered(this.shownPanel?.lines ?? [])} .figure=${figure} .beside=${this.getBoundingClientRect()}></explain-curve-list>`;
  }

  private look = ({ type, currentTarget }: Event): void => {
    this.looked = type === "pointerenter" || (type === "focus" && (currentTarget as Element).matches(":focus-visible"));
  };

  private leave = (): void => {
    this.looked = false;
    this.pointer.leave();
  };

  private values() {
    const { more } = this;
    const others = more
      ? html`<span class="value faint" title="Point at the curves for the values of all">+${more}</span>`
      : nothing;
    return [
      ...this.valued.map(
        (
          line,
        ) => html`<span class="value ${line.focus ? "focus" : ""}" title=${line.label} @pointerenter=${(event: Event) => this.tell(event, line)}>
        <span class="dot" style="background: ${line.colour}"></span>${this.panel?.named ? html`<bdi class="clip">${line.name?.replace(/\.?$/, ":")}</bdi>` : nothing}
        <span class="figure"></span>
      </span>`,
      ),
      others,
    ];
  }

  /** What a line says at a place; "–" before its first value. */
  private text({ epochs }: Line, values: readonly number[], place: number | null): string {
    const value = place === null ? undefined : values[indexAt(epochs, place)];
    return value === undefined ? "–" : (this.panel?.figure(value) ?? "");
  }

  /** Whose value it is and, where it is smoothed, what was measured. */
  private tell(event: Event, line: Line): void {
    const { label, measured } = line;
    const { hover, cursor } = marksNow();
    (event.currentTarget as HTMLElement).title = measured
      ? `${label}, measured ${this.text(line, measured, hover ?? cursor)}`
      : label;
  }

  /** What has been passed over by a drag that zooms. */
  private band(band: Band | undefined): void {
    const [element, plot] = [".zooming", ".plot"].map((name) => this.renderRoot.querySelector<HTMLElement>(name));
    if (!element || !plot) return;
    element.hidden = !band;
    if (!band) return;
    const { left } = plot.getBoundingClientRect();
    element.style.left = `${Math.min(band.from, band.to) - left}px`;
    element.style.width = `${Math.abs(band.to - band.from)}px`;
  }

  private figure = memo(
    ({ title, of, lines, smooths }: Panel, smoothing: number): Figure => ({
      name: of ? `${title} of ${of}` : title,
      data: () => curveTable(lines, smooths ? smoothing : 0),
      key: () => [...new Map(lines.filter(({ aside }) => !aside).map((line) => [line.label, line])).values()],
      alone: () => this.standAlone(),
    }),
  );

  /** With epochs below, which elsewhere the last chart of its column has. */
  private async standAlone(): Promise<() => void> {
    this.alone = true;
    await this.updateComplete;
    this.chart?.refine(PICTURE_RATIO);
    return () => {
      this.alone = false;
    };
  }

  private switches = memo(({ title, lines, scale = {} }: Panel, scales: string): readonly Switch[] => {
    if (!canBeLog(lines)) return [];
    const on = shownScale(title, scale, scales).log ?? false;
    return [{ label: "Log scale", on, set: (log) => chooseScale(title, scale, log) }];
  });

  private menu(panel: Panel) {
    const { smoothing, scales } = store.state;
    return html`<explain-figure-menu tight .figure=${this.figure(panel, smoothing)} .switches=${this.switches(panel, scales)}></explain-figure-menu>`;
  }
}
