/**
 * `<explain-more>`: the charts of a column that are folded away until they are asked for.
 *
 * @property of         which column's
 * @property drift      against the reference
 * @property stepDrift  from step to step, where that has no place above
 * @property effective  whether effective features have no place above
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Drift, Series } from "../api";
import { memo } from "../memo";
import { sinceText } from "../references";
import { focusMethod, store, Watch } from "../state";
import { base } from "../styles";
import type { Answers } from "./answers";
import { chartColumn, featureCount } from "./charts";
import { effectivePanel, overlapPanel, rankPanel, stepDriftPanel, totalPanel } from "./drift_panels";
import { COLUMNS, type Column, isUnfolded } from "./folds";
import type { Shared } from "./panel_parts";
import { similarityPanel, trainingGapPanel } from "./trust_panels";

@customElement("explain-more")
export class More extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .charts { display: flex; flex-direction: column; gap: 16px; margin-top: 16px; }
    `,
  ];

  @property() of: Column = "order";
  @property({ attribute: false }) shared: Shared | undefined;
  @property({ attribute: false }) drift: Answers<Drift> | undefined;
  @property({ attribute: false }) startDrift: Answers<Drift> | undefined;
  @property({ attribute: false }) stepDrift: Answers<Drift> | undefined;
  @property({ attribute: false }) trainingGap: Answers<Series> | undefined;
  @property({ type: Boolean }) effective = false;

  private rank = memo(rankPanel);
  private overlap = memo(overlapPanel);
  private total = memo(totalPanel);
  private spread = memo(effectivePanel);
  private similar = memo(similarityPanel);
  private steps = memo(stepDriftPanel);
  private gap = memo(trainingGapPanel);

  constructor() {
    super();
    new Watch(this, ["more", "against", "focus", "method", "manifests", "groups"]);
  }

  protected override render() {
    const { shared } = this;
    if (!shared || !isUnfolded(this.of)) return nothing;
    return html`<div class="charts" role="group" aria-label=${COLUMNS[this.of]}>
      ${chartColumn(this.of === "order" ? this.order(shared) : this.checks(shared))}
    </div>`;
  }

  private order(shared: Shared) {
    const { drift } = this;
    if (!drift) return [];
    const since = sinceText(store.state);
    return [
      this.effective ? this.spread(drift, featureCount(store.state), shared) : undefined,
      this.rank(drift, since, shared),
      this.overlap(drift, since, shared),
      this.total(drift, focusMethod(store.state)?.unit ?? "", shared),
    ];
  }

  private checks(shared: Shared) {
    const { startDrift, stepDrift, trainingGap } = this;
    return [
      startDrift && this.similar(startDrift, shared),
      stepDrift && this.steps(stepDrift, shared),
      trainingGap && this.gap(trainingGap, shared),
    ];
  }
}
