/** What the figures of the Features view mean, in the words of their help. */
import type { FigureHelp } from "../elements/words_dialog";

const SHARE = "sⱼ = meanᵢ |aᵢⱼ| / Σₖ meanᵢ |aᵢₖ|";

export const EPOCHS_HELP: FigureHelp = {
  means: "What part of the attribution each feature carries, epoch by epoch: which matter, and since when.",
  formula: `${SHARE};  signed mean: meanᵢ aᵢⱼ;  rank: of sⱼ, 1 the largest`,
  read: "Rows keep the order of the epoch that they were sorted at, so that none jumps while the cursor moves; ↻ sorts them at the cursor. ▲ above is an alarm; pressed, it leads there. Click sets the epoch, Shift-click the reference. Hatched: not finite.",
  mind: "Shares sum to one: where one feature gains, all others lose. A large share is not a good reason, and a share says nothing of its sign: see the signed mean.",
};

export const NOW_HELP: FigureHelp = {
  means: "Each feature at the cursor, and dashed at the reference.",
  formula: `${SHARE};  whisker: ± 2 standard errors over the samples of the probe`,
  read: "The axis is the same at all epochs. Whiskers that do not touch the dashed line are a change beyond the noise of the samples. △: the share over training samples.",
  mind: "The error is that of the samples alone: another seed moves shares by more. See Compare.",
};

export const METHODS_HELP: FigureHelp = {
  means: "The share of each feature by every method that knows it, at the cursor, on one axis.",
  formula: "each method’s importances over their sum, those below zero counted as none;  whisker: ± 2 SE",
  read: "Marks that lie together agree. A feature that gradients find strong and permutation does not is one that the loss could do without, or that another stands in for.",
  mind: "Methods measure different things, so that a gap is a question, not an error. Marks at the right end may lie beyond it: the axis holds nineteen of twenty epochs.",
};

export const FEATURE_HELP: FigureHelp = {
  means: "The share of the selected feature by every method, over all epochs.",
  formula: `${SHARE};  band: ± 2 SE`,
  read: "Methods that rise together tell of the model; one that rises alone tells of the method. Alarms about this feature are marked.",
  mind: "Correlated features share the credit in gradient methods and SHAP; permuting one of them alone costs little.",
};

export const RANKS_HELP: FigureHelp = {
  means: "How the features that are strongest at the last epoch came there.",
  formula: "rank of sⱼ among all features, 1 the largest; equals share the mean of their ranks",
  read: "A line that climbs overtook others. Lines that leave at the bottom are beyond the tenth place there. Names stand where the lines end; pressed, one is selected.",
  mind: "Among features of nearly equal shares ranks change by noise alone. Only some epochs are drawn, with the cursor’s and the reference’s among them.",
};

export const AGREEMENT_HELP: FigureHelp = {
  means: "How far two methods rank the features alike, epoch by epoch.",
  formula: "Spearman’s ρ of the shares over all features, −1 … 1",
  read: "Near one: they tell the same story. A pair that falls apart while training is where to ask what each of them measures.",
  mind: "Among many features of next to no share, ρ is mostly noise. Agreement does not make both right.",
};

export const PLACE_HELP: FigureHelp = {
  means: "Where in the image the shares lie, at the reference and at the cursor, on one scale.",
  formula: SHARE,
  read: "The box is the selected feature; click another cell to select that.",
  mind: "A cell is a sum over its pixels: what is small in it cannot be seen here.",
};
