/** A run that lacks the shown method says so, and offers those it has. */
import { html, type TemplateResult } from "lit";
import { distinctTitle, methodTitle } from "../methods";
import { methodOf, methodsOf, type RunEntry, shownMethod, store } from "../state";

/** Undefined for a run that has the method, or explains no single samples at all. */
export function methodOffer(run: RunEntry | undefined): TemplateResult | undefined {
  const { state } = store;
  const shown = shownMethod(state);
  if (!run || shown === undefined || methodOf(state, run) !== undefined) return undefined;
  const names = methodsOf(state, run);
  if (!names.length) return undefined;
  const described = state.manifests[run.run]?.methods ?? [];
  return html`<div class="card warn">
    <h3>${run.label} is not explained by ${methodTitle(shown)}</h3>
    <p>It has other methods; choose one, for all runs:</p>
    <div class="row offers">${names.map(
      (method) =>
        html`<button class="control" @click=${() => store.set({ method }, { push: true })}>${distinctTitle(method, described)}</button>`,
    )}</div>
  </div>`;
}
