/** What the figures of the Model view mean, in the words of their help. */
import type { FigureHelp } from "../elements/words_dialog";

export const EMBEDDING_HELP: FigureHelp = {
  means:
    "Where the model puts the samples of the probe in the space of a late layer: what lies near one another the model takes to be alike.",
  formula: "zᵢ(t) = (hᵢ(t) − mean h(t)) V;  V: principal components of all steps together, each step counting alike",
  read: "The axes are the same at all epochs and start and end where they do over the whole run, so what moves is the model. Trails lead from the reference to now. Groups that draw apart are classes that the model learns to tell; a red ring is a sample of which it says another class. “Moved” is the distance on all three axes in spreads of the cloud, √(mean ‖z − mean z‖²).",
  mind: "Three axes of many: the figures beside them say how much of the variance they show, and what overlaps here may be apart in the others. Turning or shifting all samples alike changes nothing of what the model says. The axes are found anew when a step is added to the run.",
};

export const BOUNDARY_HELP: FigureHelp = {
  means: "What the model says all over a plane through its inputs, and where it changes its mind.",
  formula:
    "argmaxₖ pₖ(x(u, v));  x: the probe’s median with two features set to (u, v), or its mean + u·c₁ + v·c₂, c the first principal components",
  read: "Colour is the class, its strength how sure the model is: none at chance, full at 100 %. Lines are where the class changes, dashed where it did at the reference. Samples of the probe are laid onto the plane, coloured by label; a red ring is one of which the model says another class.",
  mind: "It is one plane of many dimensions. A sample stands where it falls onto the plane, but the model sees the rest of it too: one that lies in the wrong region need not be wrong, and the reverse. Far from all samples the model says something as well, which nobody has checked.",
};

export const FIDELITY_HELP: FigureHelp = {
  means: "How much of what the model says its surrogate says too, on samples that the surrogate was not fitted on.",
  formula: "R² = 1 − Σ (f(x) − g(x))² / Σ (f(x) − mean f)²;  f: the model’s score, g: the surrogate’s; band: ± 2 SE",
  read: "1: the surrogate says all that the model does. 0: no more than the mean would. A falling curve is a model that grows beyond what a small tree, or a line, can say.",
  mind: "It is fidelity to the model, not accuracy: a surrogate of a wrong model is faithful when it is wrong too. Below one half it speaks for little of the model.",
};

export const TREE_HELP: FigureHelp = {
  means:
    "A small decision tree that was fitted to say what the model says: its rules are those of the tree, not of the model itself.",
  formula: "each split: the feature and threshold that lower Σ (f(x) − mean f)² most;  a leaf says the mean of f there",
  read: "Left is where the rule under the name holds, right where it does not. The wider a branch, the more samples go that way. Leaves give the mean score and the part of the samples. Outlined in accent: splits that were others at the reference, with what they were; a threshold counts as moved by more than a tenth of its feature’s deviation.",
  mind: "Of two features that are alike the tree takes either, and another next time, while the model has not changed: look at the fidelity, and whether the other feature says the same. Below a changed split nothing can be compared.",
};

export const LINEAR_HELP: FigureHelp = {
  means: "A linear model with few terms that was fitted to say what the model says.",
  formula: "g(x) = b + Σⱼ wⱼ (xⱼ − mean xⱼ) / σⱼ;  w from the lasso, Σ (f − g)² + λ Σ |wⱼ|",
  read: "A bar is how much the score rises with one standard deviation of the feature, others equal. The tick is where it stood at the reference.",
  mind: "Signs and sizes hold on average and for this fit alone: of features that go together one may get all of it, or both with opposite signs. Look at the fidelity first.",
};
