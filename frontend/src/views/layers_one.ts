/**
 * `<explain-layer>`: one layer by epoch: its histograms as ridges or heat map, histograms now against the reference, health curves.
 *
 * @property run     the focus run
 * @property layer   as the manifest has it
 * @property others  the other layers' health, drawn in grey
 * @property usual   between which update ratios most layers lie
 * @property readsFrom  names of layers that it reads from
 * @property readBy     names of layers that read from it
 * @fires choose  detail: a layer's name
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Alarm, ManifestLayer } from "../api";
import { controlStyles, picker, segments } from "../elements/controls";
import "../elements/curve_panel";
import { onResize } from "../elements/resize";
import { problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { drawnReference, isPlace, notDrawn, type Place, placeName, referenceRun } from "../references";
import { type RunEntry, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { mix, palette, runColour } from "../theme";
import { healthPanels, type OtherLayer } from "./layers_curves";
import {
  KIND_TITLES,
  KINDS,
  type Kind,
  type LoadedLayer,
  loadHealth,
  loadLayer,
  loadSpread,
  type Spread,
  type Spreads,
} from "./layers_data";
import "./layers_epochs";
import { layerHead, layerHeadStyles } from "./layers_head";
import { type PictureKind, picturesOf } from "./layers_model";
import "./layers_pictures";
import "./layers_spreads";
import type { Moment } from "./layers_spreads";

const NO_ALARMS: readonly Alarm[] = [];
/** From this width on all three kinds are drawn by epoch, side by side. */
const ALL_KINDS = 1700;
/** Height of the page around the pictures, and between which heights they stay. */
const AROUND = 440;
/** The same of the histograms at the right of them: by how much the column is longer, and what stands around each. */
const [SHARED, AROUND_SPREAD] = [8, 36];
const [LEAST, MOST] = [400, 760];

@customElement("explain-layer")
export class LayerElement extends LitElement {
  static override styles = [
    base,
    controlStyles,
    layerHeadStyles,
    css`
      :host { display: block; margin-top: 12px; }
      .columns { display: grid; grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr) minmax(0, 1fr); gap: 32px; }
      :host([all]) .columns { grid-template-columns: repeat(3, minmax(0, 1.2fr)) minmax(0, 1fr) minmax(0, 1fr); }
      :host([narrow]) .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 24px; }
      :host([narrow]) .columns > :first-child { grid-column: span 2; }
      :host([single]) .columns { grid-template-columns: minmax(0, 1fr); }
      :host([single]) .columns > :first-child { grid-column: auto; }
      explain-layer-spread { margin-bottom: 16px; }
      .key { display: flex; gap: 16px; align-items: center; min-height: 28px; margin-bottom: 4px; }
      .key i { display: inline-block; width: 16px; height: 10px; margin-right: 6px; vertical-align: -1px; }
      .key i.dashed { height: 0; border-top: 1.5px dashed var(--ink2); vertical-align: 3px; }
      .key > span { white-space: nowrap; }
      .key > .clip { min-width: 0; }
      explain-curve-panel { margin-bottom: 3px; }
    `,
  ];

  @property({ attribute: false }) run!: RunEntry;
  @property({ attribute: false }) layer!: ManifestLayer;
  @property({ attribute: false }) others: readonly OtherLayer[] = [];
  @property({ attribute: false }) usual: readonly [number, number] | undefined;
  @property({ attribute: false }) readsFrom: readonly string[] = [];
  @property({ attribute: false }) readBy: readonly string[] = [];
  @state() private width = 0;
  @state() private height = LEAST;
  protected watch = new Watch(this, [
    "epoch",
    "against",
    "dark",
    "visible",
    "alarms",
    "revision",
    "histogram",
    "picture",
    "smoothing",
  ]);
  private panels = memo(healthPanels);

  /** Each kind by itself: what has come is drawn. */
  private spreads = KINDS.map((kind) =>
    load(
      this,
      () => [this.run, this.layer.name, store.state.revision] as const,
      async ([run, layer], signal) => ({
        of: `${run.run} ${layer}`,
        spread: await loadSpread(run, layer, kind, signal),
      }),
    ),
  );
  private health = load(
    this,
    () => [this.run, this.layer.name, store.state.revision] as const,
    async ([run, layer], signal) => ({ of: `${run.run} ${layer}`, series: await loadHealth(run, layer, signal) }),
  );
  /** The layer of the same name in the run that this one is held against. */
  private theirs = load(
    this,
    () => {
      const other = this.otherRun();
      return other ? ([other, this.layer.name, store.state.revision] as const) : null;
    },
    async ([run, layer], signal) => ({ name: layer, ...(await loadLayer(run, layer, signal)) }),
  );

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = width;
      this.toggleAttribute("all", width >= ALL_KINDS);
      this.toggleAttribute("narrow", width < 900);
      this.toggleAttribute("single", width < 560);
      this.height = Math.round(Math.min(MOST, Math.max(LEAST, innerHeight - AROUND)));
    });
  }

  private otherRun(): RunEntry | undefined {
    const other = referenceRun(store.state);
    return other?.run === this.run.run ? undefined : other;
  }

  /** What is known of the other run's layer; undefined while it is on its way, and where no other run is the reference. */
  private theirLayer(): LoadedLayer | undefined {
    const held = this.theirs.value;
    return held && held.run.run === this.otherRun()?.run && held.name === this.layer.name ? held : undefined;
  }

  private get of(): string {
    return `${this.run.run} ${this.layer.name}`;
  }

  private spreadOf(kind: Kind): Spread | Error | null | undefined {
    const held = this.spreads[KINDS.indexOf(kind)].value;
    return held?.of === this.of ? held.spread : undefined;
  }

  protected override render() {
    if (!this.width) return html`<div style=${`height:${this.height}px`} aria-busy="true"></div>`;
    const spreads: Spreads = Object.fromEntries(
      KINDS.map((kind) => [kind, this.spreadOf(kind)] as const).filter(([, spread]) => spread !== undefined),
    );
    const { epoch } = store.state;
    const held = this.health.value;
    const health = held?.of === this.of ? held.series : undefined;
    const now: Moment = { spreads, health, step: epoch ?? Number.NaN };
    const before = this.reference(now);
    const shown = this.width >= ALL_KINDS ? KINDS : KINDS.filter((kind) => kind === this.kind);
    return html`${layerHead(this.layer, this.readsFrom, this.readBy, this.choose, picturesOf(this.run, this.layer.name), this.show)}<div class="columns">
      ${shown.map((kind, i) => this.renderEpochs(kind, shown.length === 1, i === shown.length - 1))}
      <div>${this.renderKey()}${KINDS.map(
        (
          kind,
        ) => html`<explain-layer-spread .kind=${kind} .layer=${this.layer} .now=${now} .reference=${before} .colour=${this.colour} .height=${Math.round((this.height + SHARED) / KINDS.length) - AROUND_SPREAD}
          @again=${() => this.again(kind)}></explain-layer-spread>`,
      )}</div>
      <div>${this.renderHealth(health)}</div>
    </div>
    <explain-layer-pictures .run=${this.run} .layer=${this.layer}></explain-layer-pictures>`;
  }

  private again(kind: Kind): void {
    void this.spreads[KINDS.indexOf(kind)].run();
  }

  /** The chosen histogram; an address may name one that does not exist. */
  private get kind(): Kind {
    return KINDS.find((kind) => kind === store.state.histogram) ?? KINDS[0];
  }

  /** The layer at the reference: of this run, or of the other one. */
  private reference(now: Moment): Moment | undefined {
    const drawn = drawnReference(store.state);
    if (!drawn) return undefined;
    if (drawn.run.run === this.run.run) return { ...now, step: drawn.step };
    const theirs = this.theirLayer();
    return theirs && { spreads: theirs.spreads, health: theirs.health, step: drawn.step };
  }

  private get colour(): string {
    return runColour(this.run.index);
  }

  private choose = (name: string): void => {
    this.dispatchEvent(new CustomEvent("choose", { detail: name }));
  };

  private show = (kind: PictureKind): void => this.renderRoot.querySelector("explain-layer-pictures")?.show(kind);

  /** @param alone  whether it is the only kind, so that others can be chosen; @param last whether it has the choice of the picture */
  private renderEpochs(kind: Kind, alone: boolean, last: boolean) {
    const { picture } = store.state;
    const chosen = picture === "map" ? "map" : "ridges";
    return html`<explain-layer-epochs .run=${this.run} .layer=${this.layer} .kind=${kind} ?alone=${alone} .spread=${this.spreadOf(kind)}
      ?map=${chosen === "map"} .height=${this.height} .colour=${this.colour} @again=${() => this.again(kind)}>
      ${
        alone
          ? picker(
              "Show",
              kind,
              KINDS.map((id) => ({ id, title: KIND_TITLES[id].toLowerCase() })),
              chooseKind,
            )
          : nothing
      }
      ${last ? segments("Picture", chosen, PICTURES, choosePicture) : nothing}
    </explain-layer-epochs>`;
  }

  private renderKey() {
    const { epoch } = store.state;
    const drawn = drawnReference(store.state);
    const lacking = this.lacking(drawn);
    const shown = drawn && !lacking && !isPlace(drawn, this.run, epoch ?? Number.NaN) ? placeName(drawn, this.run) : "";
    const scaled = drawn && drawn.run.run !== this.run.run ? ", scaled to as many values" : "";
    const told = lacking || notDrawn(store.state);
    return html`<div class="key">
      <span><i style=${`background:${mix(this.colour, palette().bg, 0.5)}`}></i><b>${epoch === null ? "" : stepName(this.run, epoch)}</b></span>
      ${shown ? html`<span class="quiet clip" title=${shown + scaled}><i class="dashed"></i>${shown}</span>` : nothing}
      ${told ? html`<span class="faint clip" title=${told}>${told}</span>` : nothing}
    </div>`;
  }

  /** Why the other run has nothing to draw, if it has not. */
  private lacking(drawn: Place | null): string {
    const other = this.otherRun();
    if (!other) return "";
    if (!drawn) return `${other.label} explained nothing within half an epoch`;
    if (this.theirs.error) return `${other.label} cannot be read`;
    const theirs = this.theirLayer();
    const nothingLogged = theirs && Object.values(theirs.spreads).every((spread) => spread === null);
    return nothingLogged ? `no ${this.layer.name} in ${other.label}` : "";
  }

  private renderHealth(health: LoadedLayer["health"]) {
    if (this.health.error) return problem(this.health.error, () => void this.health.run());
    if (!findTag(this.run, "health", this.layer.name))
      return html`<p class="key faint">No health was logged of this layer</p>`;
    if (!health) return skeleton(this.height);
    const { alarms, dark } = store.state;
    const theirs = this.theirLayer();
    const panels = this.panels(
      health,
      this.others,
      this.usual,
      this.layer,
      this.run,
      theirs,
      alarms ?? NO_ALARMS,
      dark,
      this.height,
    );
    const rest = this.others.length;
    const grey = rest > 0 ? `${rest} other layer${rest > 1 ? "s" : ""} grey` : "";
    const pair = theirs?.health ? [theirs.run, this.run] : [];
    const told = [this.layer.name, pair.length ? pair.map(({ label }) => label).join(", ") : "coloured", grey];
    return html`<p class="key faint"><span class="clip" title=${told.filter(Boolean).join(", ")}>${this.layer.name}${
      pair.length ? pair.map(runMark) : " coloured"
    }${grey && `, ${grey}`}</span></p>
      ${panels.map((panel) => html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`)}`;
  }
}

const PICTURES = [
  { id: "ridges", title: "Ridges" },
  { id: "map", title: "Heat map" },
];
/** What stands first is not in the address. */
const chooseKind = (id: string): void => store.set({ histogram: id === KINDS[0] ? "" : id }, { push: true });
const choosePicture = (id: string): void => store.set({ picture: id === "ridges" ? "" : id }, { push: true });

const runMark = (run: RunEntry) =>
  html` <span class="dot" style=${`background:${runColour(run.index)}`}></span> ${run.label}`;

declare global {
  interface HTMLElementTagNameMap {
    "explain-layer": LayerElement;
  }
}
