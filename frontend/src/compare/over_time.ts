/** `<explain-distance-over-time>`: how far A lies from B at every epoch: share shift against its noise, and local drift. */

import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { type Drift, getDrift } from "../api";
import "../elements/curve_panel";
import type { Panel } from "../elements/curve_panel";
import { problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { localDriftPanel, shareShiftPanel } from "../overview/drift_panels";
import { againstFor, sinceText } from "../references";
import { explained, type RunEntry, store, Watch } from "../state";
import { placesAt } from "../steps";
import { base } from "../styles";

/** The two charts of one answer. */
export function distancePanels(run: RunEntry, drift: Drift, since: string, dark: boolean): Panel[] {
  const places = placesAt(run, drift.steps).filter(Number.isFinite);
  const range: [number, number] = [places[0] ?? 0, places.at(-1) ?? 1];
  const shared = { focus: run.run, dark, range, alarms: [], alarmLabel: "" };
  const answers = [{ run, value: drift }];
  return [shareShiftPanel(answers, since, shared), { ...localDriftPanel(answers, since, shared), axis: true }];
}

@customElement("explain-distance-over-time")
export class DistanceOverTime extends LitElement {
  static override styles = base;

  private drift = load(
    this,
    () => {
      const of = explained(store.state);
      return of && ([of.run, of.tag, againstFor(store.state, of.run), store.state.revision] as const);
    },
    async ([run, tag, against], signal) => ({ run, drift: await getDrift(run.run, tag, against, signal) }),
  );

  constructor() {
    super();
    new Watch(this, ["focus", "method", "against", "groups", "dark", "visible", "revision"]);
  }

  private panels = memo(distancePanels);

  protected override render() {
    if (this.drift.error) return problem(this.drift.error, () => void this.drift.run());
    const { value } = this.drift;
    if (!value) return skeleton(220);
    const { state } = store;
    const panels = this.panels(value.run, value.drift, sinceText(state), state.dark);
    return panels.map(
      (panel) => html`<explain-curve-panel style="margin-top: 8px" .panel=${panel}></explain-curve-panel>`,
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-distance-over-time": DistanceOverTime;
  }
}
