/** Pictures of a layer now, at the reference, and what changed between: which are drawn, and what is said of when they are from. */
import { css, html, nothing } from "lit";
import { segments } from "../elements/controls";
import { capital } from "../format";
import { drawnReference, isPlace, notDrawn, type Place, placeName, shortPlace } from "../references";
import { cursorSteps, store } from "../state";
import { stepName } from "../steps";
import { stepsOf } from "../tags";
import { type Held, paceText } from "./layers_frames";

export type Moment = "now" | "reference" | "change";

/** What is drawn: of what was chosen as much as there is. */
export const momentOf = (chosen: Moment, reference: unknown): Moment => (reference === undefined ? "now" : chosen);

/** A choice of the moment; nothing where there is no reference. */
export function momentChoice<T>(
  now: Held<T>,
  reference: Held<T> | undefined,
  chosen: Moment,
  choose: (moment: Moment) => void,
) {
  if (!reference) return nothing;
  const titles: Record<Moment, string> = {
    now: "Now",
    reference: capital(shortPlace(reference, now.run)),
    change: "Change",
  };
  const choices = (Object.keys(titles) as Moment[]).map((id) => ({ id, title: titles[id] }));
  return segments("Moment", momentOf(chosen, reference), choices, (id) => choose(id as Moment));
}

export const whenStyles = css`
  .when { display: flex; flex-wrap: wrap; align-items: center; gap: 0 12px; min-height: 20px; }
  .when b { font-weight: 500; }
`;

/** "epoch 20, computed each 5th step · against start": when frames are from, which need not be the cursor's epoch. */
export function whenText<T>(now: Held<T>, reference: Held<T> | undefined) {
  const pace = paceText(cursorSteps(store.state), stepsOf(now.run, now.tag));
  const drawn = drawnReference(store.state);
  return html`<p class="when"><b>${stepName(now.run, now.step)}</b>${pace ? html`<span class="faint">${pace}</span>` : nothing}
    <span class="quiet">${reference ? `against ${placeName(reference, now.run)}` : ""}</span>
    <span class="faint">${reference ? notDrawn(store.state) : lacking(now, drawn)}</span></p>`;
}

/** Why nothing is drawn to compare with, where a reference was chosen. */
function lacking<T>({ run }: Held<T>, drawn: Place | null): string {
  if (!drawn || isPlace(drawn, run, store.state.epoch ?? Number.NaN)) return "";
  return drawn.run.run === run.run ? "the reference is the same picture" : `none of this layer in ${drawn.run.label}`;
}
