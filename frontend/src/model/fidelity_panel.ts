/** `<explain-fidelity>`: how much of the model the surrogates say, over the epochs; and a word where that is little. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { getSeries } from "../api";
import "../elements/at_cursor";
import "../elements/curve_panel";
import { problem, skeleton } from "../elements/states";
import { load } from "../loading";
import { memo } from "../memo";
import { cursorPlace, cursorSteps, focusRun, store, Watch } from "../state";
import { placeOf } from "../steps";
import { base } from "../styles";
import { findTag } from "../tags";
import { type Fidelities, fidelityPanel, fidelityWarning, SURROGATES } from "./fidelity";

@customElement("explain-fidelity")
export class FidelityPanel extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; min-width: 0; }
      .warn { margin-top: 8px; padding: 8px 12px; }
    `,
  ];

  private panel = memo(fidelityPanel);
  private range = memo((first: number, last: number): readonly [number, number] => [first, last]);
  private series = load(
    this,
    () => {
      const run = focusRun(store.state);
      return run ? ([run, store.state.revision] as const) : null;
    },
    async ([run], signal) => {
      const known: Fidelities = {};
      await Promise.all(
        SURROGATES.map(async ({ id }) => {
          const tag = findTag(run, "fidelity", id);
          if (tag) known[id] = await getSeries(run.run, tag, signal);
        }),
      );
      return { run: run.run, known };
    },
  );

  constructor() {
    super();
    new Watch(this, ["focus", "groups", "dark", "visible", "revision"]);
  }

  protected override render() {
    const run = focusRun(store.state);
    const { error, value } = this.series;
    if (error) return problem(error, () => void this.series.run());
    if (!run || value?.run !== run.run) return skeleton(160);
    const steps = cursorSteps(store.state);
    const range = this.range(placeOf(run, steps[0] ?? 0), placeOf(run, steps.at(-1) ?? 0));
    const warning = () => {
      const place = cursorPlace(store.state, store.state.epoch);
      const said = place === null ? "" : fidelityWarning(run, value.known, place);
      return said ? html`<div class="card warn" role="note"><p>${said}</p></div>` : nothing;
    };
    return html`<section><explain-curve-panel .panel=${this.panel(run, value.known, range, store.state.dark)}></explain-curve-panel></section>
      <explain-at-cursor .content=${warning}></explain-at-cursor>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-fidelity": FidelityPanel;
  }
}
