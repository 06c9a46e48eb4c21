/** What the pictures of a layer mean, as their titles tell when they are pressed. */
import type { FigureHelp } from "../elements/words_dialog";

export const ATTENTION_HELP: FigureHelp = {
  means:
    "How much each head lets a position of the sample look at each other one while it makes the layer\u2019s output. Rolled out: how much of each input position may have reached an output, through all layers.",
  formula:
    "Aₕ = softmax(Q Kᵀ / √d), rows sum to 1;  received: mean over queries of A;  rollout: Π (½ A̅ + ½ I) over the layers, A̅ the mean of the heads",
  read: "Choose a head and a word or patch to look from, or the mean over all: the darker, the more attention. Heads that keep to one place, to the word before, or to the words that carry the label show at what epoch they began to.",
  mind: "Attention is not explanation (Jain & Wallace 2019, arXiv:1902.10186): other weights can give the same prediction, and what is looked at need not be used. Hold it against the attributions in Samples. Rollout (Abnar & Zuidema 2020, arXiv:2005.00928) leaves out values, signs and all that is no attention.",
};

export const HEADS_HELP: FigureHelp = {
  means: "The attention of each head on this sample: a row a query, a column a key.",
  formula: "Aₕ[q, k], on one scale for all heads and samples of the layer",
  read: "A diagonal looks at itself, a line beside it at its neighbour, a column at one place from everywhere, an even grey nowhere in particular. Press a small map to see it large; press a row to look from there.",
  mind: "Columns at the first word, at a full stop or at the class token are often where heads look that have nothing to do. Heads have no order: head 1 of one run is not head 1 of another.",
};

export const ENTROPY_HELP: FigureHelp = {
  means: "How widely each head looks: the mean over the probe\u2019s samples and their queries.",
  formula: "H = −Σₖ A[q, k] log A[q, k] / log n, n keys: 0 one key, 1 all alike",
  read: "All heads begin near 1 and those that specialise come down. A sudden fall of all to 0: attention has collapsed, often with a loss that jumps. A head that stays at 1 may not be needed.",
  mind: "Low is not good by itself: a head that always looks at the first word has entropy 0. Padding that is not masked counts as keys.",
};

export const MAPS_HELP: FigureHelp = {
  means: "What some of the layer\u2019s channels answer where, on some samples: a row a channel, a column a sample.",
  formula: "a[c, y, x] as the layer puts it out, on one scale that ends at the 99th percentile of all that are shown",
  read: "Along a row: what its bright places have in common is what the channel looks for. Down a column: what the layer keeps of a sample. A row that stays empty is a dead channel; rows that look alike are redundant.",
  mind: "A few channels on a few samples: what they share may be chance. Bright is not important: see the attributions for what the prediction uses.",
};

export const UNITS_HELP: FigureHelp = {
  means: "An input made by gradient ascent so that a unit answers as strongly as can be, epoch by epoch.",
  formula:
    "x* = argmaxₓ f(x) − smoothness prior, with jitter;  beside it: f(x*) against the largest f(x) over the probe",
  read: "From noise to strokes and parts: when the picture settles, the unit has found what it looks for. An answer far above the probe\u2019s largest: the optimum is nothing that data look like.",
  mind: "One optimum of many, from one start; the prior decides how natural it looks (Erhan et al. 2009; Olah, Mordvintsev & Schubert 2017, doi:10.23915/distill.00007). It shows what excites a unit, not what it is used for.",
};
