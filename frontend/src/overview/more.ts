/**
 * `<explain-more>`: rows of charts below the three columns: the watched cells, and what is folded away until it is asked for.
 *
 * @property stepDrift  drift from step to step, where it has no place above
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Drift, Series } from "../api";
import { controlStyles, toggle } from "../elements/controls";
import "../elements/curve_panel";
import type { Panel } from "../elements/curve_panel";
import { memo } from "../memo";
import { sinceText } from "../references";
import { focusManifest, focusMethod, store, Watch } from "../state";
import { base } from "../styles";
import type { Answers } from "./answers";
import { overlapPanel, rankPanel, stepDriftPanel, totalPanel } from "./drift_panels";
import type { Shared } from "./panel_parts";
import { similarityPanel, trainingGapPanel, watchPanels } from "./trust_panels";

interface Row {
  id: string;
  title: string;
  panels: readonly Panel[];
}

/** Stands alone, so it has its own epochs. */
const withAxis = (panel: Panel): Panel => ({ ...panel, axis: true });

@customElement("explain-more")
export class More extends LitElement {
  static override styles = [
    base,
    controlStyles,
    css`
      :host { display: block; }
      .tools, section { margin-top: 12px; }
      .columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px 32px; margin-top: 6px; }
      @media (max-width: 959px) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
      @media (max-width: 639px) { .columns { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  @property({ attribute: false }) shared: Shared | undefined;
  @property({ attribute: false }) drift: Answers<Drift> | undefined;
  @property({ attribute: false }) startDrift: Answers<Drift> | undefined;
  @property({ attribute: false }) stepDrift: Answers<Drift> | undefined;
  @property({ attribute: false }) trainingGap: Answers<Series> | undefined;
  @property({ attribute: false }) watches: readonly { name: string; share: Answers<Series> }[] | undefined;

  private rank = memo(rankPanel);
  private overlap = memo(overlapPanel);
  private total = memo(totalPanel);
  private similar = memo(similarityPanel);
  private steps = memo((drift: Answers<Drift>, shared: Shared) => withAxis(stepDriftPanel(drift, shared)));
  private gap = memo(trainingGapPanel);
  private watched = memo(watchPanels);

  constructor() {
    super();
    new Watch(this, ["more", "against", "best", "focus", "method", "manifests", "groups"]);
  }

  protected override render() {
    const { shared } = this;
    if (!shared) return nothing;
    const watched = this.watches ? this.watched(this.watches, focusManifest(store.state)?.watches, shared) : [];
    const rows = this.rows(shared).filter(({ panels }) => panels.length);
    const open = new Set(store.state.more.split(","));
    const fold = (id: string, on: boolean): void => {
      const ids = rows.map((row) => row.id).filter((other) => (other === id ? on : open.has(other)));
      store.set({ more: ids.join(",") }, { push: true });
    };
    return html`
      ${watched.length ? row("What it should and should not look at", watched) : nothing}
      ${
        rows.length
          ? html`<div class="tools" role="group" aria-label="More charts">
              <span class="faint">More</span>
              ${rows.map(({ id, title, panels }) => toggle(title, panels.length, open.has(id), (on) => fold(id, on)))}
            </div>`
          : nothing
      }
      ${rows.filter(({ id }) => open.has(id)).map(({ title, panels }) => row(title, panels))}`;
  }

  /** With the charts that there is anything to draw in. */
  private rows(shared: Shared): Row[] {
    const { drift, startDrift, stepDrift, trainingGap } = this;
    const since = sinceText(store.state);
    const unit = focusMethod(store.state)?.unit ?? "";
    const there = (panels: readonly (Panel | undefined)[]) => panels.filter((panel) => panel !== undefined);
    return [
      {
        id: "order",
        title: "Order and amount",
        panels: there([
          drift && this.rank(drift, since, shared),
          drift && this.overlap(drift, since, shared),
          drift && this.total(drift, unit, shared),
        ]),
      },
      {
        id: "trust",
        title: "More on trust",
        panels: there([
          startDrift && this.similar(startDrift, shared),
          stepDrift && this.steps(stepDrift, shared),
          trainingGap && this.gap(trainingGap, shared),
        ]),
      },
    ];
  }
}

const row = (title: string, panels: readonly Panel[]) =>
  html`<section aria-label=${title}>
    <h2>${title}</h2>
    <div class="columns">${panels.map((panel) => html`<explain-curve-panel .panel=${panel}></explain-curve-panel>`)}</div>
  </section>`;
