/** What stands beside an embedding: the chosen sample, those that moved most, the way to TensorBoard's Projector. */
import { html, nothing } from "lit";
import type { Inputs } from "../api";
import { fixed } from "../format";
import { outerWindow } from "../host";
import { sinceText } from "../references";
import { store } from "../state";
import type { SampleRow } from "../views/samples_model";
import type { Drawn } from "./embedding_answers";
import type { Looks } from "./looks";
import { movedList } from "./moved_list";
import { chosenCard } from "./sample_chosen";

/** Rows, without a chosen sample above and with one. */
const LISTED = { alone: 14, below: 8 };

const ELSEWHERE =
  "The reference is no step of this run: the spaces of two runs cannot be laid over one another. Choose an epoch to measure against.";
const ITSELF = "This is the reference itself: choose another epoch, or another reference.";

/**
 * @param order     all samples by how far they moved, as last settled, and those of them that are listed
 * @param moved     how far each did
 */
export function embeddingAside(
  { manifest, at, from }: Drawn,
  inputs: Inputs | undefined,
  { standing, listed }: Record<"standing" | "listed", readonly number[]>,
  moved: Float64Array,
  looks: Looks,
  row: (sample: number) => SampleRow,
) {
  const { sample } = store.state;
  const since = sinceText(store.state);
  const isKnown = (index: number): boolean => Number.isFinite(moved[index]);
  const [known, shown] = [standing.filter(isKnown), listed.filter(isKnown)];
  const chosen = sample !== null && sample < moved.length ? sample : null;
  const rank = chosen === null || from === at ? -1 : known.indexOf(chosen);
  const way =
    rank < 0 || chosen === null
      ? ""
      : `Moved ${fixed(moved[chosen])} spreads ${since}, rank ${rank + 1} of ${known.length}.`;
  const list = movedList(shown.slice(0, chosen === null ? LISTED.alone : LISTED.below).map(row), moved, looks);
  const none = from < 0 ? ELSEWHERE : from === at ? ITSELF : "What is not finite does not move.";
  return html`${chosen === null ? nothing : chosenCard(manifest, inputs, row(chosen), way)}
    <div class="row"><h2>Moved most</h2><span class="caption beside clip">${from < 0 ? "" : `${since}, spreads`}</span></div>
    ${known.length && from !== at ? list : html`<p class="quiet">${none}</p>`}`;
}

export function projectorLink() {
  const open = () => {
    outerWindow().location.hash = "projector";
  };
  return html`<p class="caption">t-SNE, UMAP and PCA of the same activations: <button class="link" @click=${open}>tab Projector</button></p>`;
}
