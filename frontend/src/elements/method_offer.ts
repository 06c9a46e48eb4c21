/** A run that lacks the shown method says so, and offers those it has. */
import { html, type TemplateResult } from "lit";
import { distinctTitle, methodTitle } from "../methods";
import { methodOf, methodsOf, type RunEntry, shownMethod, store } from "../state";
import { icon } from "./icons";

/** Undefined for a run that has the method, or explains no single samples at all. */
export function methodOffer(run: RunEntry | undefined): TemplateResult | undefined {
  const { state } = store;
  const shown = shownMethod(state);
  if (!run || shown === undefined || methodOf(state, run) !== undefined) return undefined;
  const names = methodsOf(state, run);
  if (!names.length) return undefined;
  const described = state.manifests[run.run]?.methods ?? [];
  return html`<div class="card warn">
    <h3 class="row">${icon("alarm")}<span>${run.label} is not explained by ${methodTitle(shown)}</span></h3>
    <div class="row offers"><span>It has, for you to choose for all runs:</span>${names.map(
      (method) =>
        html`<button class="control" @click=${() => store.set({ method }, { push: true })}>${distinctTitle(method, described)}</button>`,
    )}</div>
  </div>`;
}
