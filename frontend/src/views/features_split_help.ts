/** What the figures of classes, groups and methods mean, in the words of their help. */
import type { FigureHelp } from "../elements/words_dialog";

export const WORDS_HELP: FigureHelp = {
  means:
    "The words that carry a class: what each of them adds to the label’s score, on average over the samples of the class that hold it.",
  formula:
    "c(w) = mean over samples i with w of Σ aᵢₜ over the places t of w;  whisker: ± 2 SE over these samples;  share: Σ|a| on w of Σ|a|, padding left out",
  read: "Bars to the right speak for the class, those to the left against it. Dashed: the reference. A word leads to its samples. Order is that of the epoch at which the cursor rests.",
  mind: "Words share credit with their neighbours, through attention above all. A word of fewer than three samples tells of these samples, so it stands apart. Samples by prediction are still explained for their label.",
};

export const MAPS_HELP: FigureHelp = {
  means:
    "Where the model looks for each class: the mean attribution of the class’s samples, over their mean input in faint grey.",
  formula: "meanᵢ aᵢⱼ over the samples i of the class, with its sign",
  read: "All maps have one scale, at the reference and now. Orange speaks for the label, blue against. A class’s name leads to its samples.",
  mind: "What lies at other places in each sample averages out: a faint map need not mean a weak reason. A shortcut, which always lies in one place, does not average out.",
};

export const TABLE_HELP: FigureHelp = {
  means: "What each feature adds to the label’s score, on average over the samples of each class.",
  formula:
    "meanᵢ aᵢⱼ over the samples i of the class, with its sign;  ± 2 SE over samples, where a number is pointed at",
  read: "Orange speaks for the label, blue against. A feature that speaks for all classes separates them; one that speaks for one class alone finds only that. Faint numbers are within 2 SE of nothing.",
  mind: "Contributions of both signs within a class cancel: a mean near nothing is not a feature without use. See its share over all samples.",
};

export const GROUPS_HELP: FigureHelp = {
  means:
    "How well the model does on each group of samples that the probe declares, how far its reasons moved there, and how far they differ from everyone else’s.",
  formula:
    "loss, accuracy: means over the group ± 2 SE;  drift: median of 1 − cos to the reference;  share gap: ½ Σ|s − s′| to the shares of all other samples",
  read: "Bold: beyond 2 SE from the figure of all samples together, or a share gap beyond what the choice of samples makes by chance.",
  mind: "Of many figures one in twenty is bold by chance. A group of few samples has wide errors: that nothing is bold there is no proof of fairness.",
};

export const SHARES_HELP: FigureHelp = {
  means:
    "What part of its attribution each group has on the strongest features: whether the model reasons alike for all.",
  formula: "sⱼ = Σᵢ |aᵢⱼ| over Σᵢₖ |aᵢₖ|, over the samples i of the group;  whisker: ± 2 SE",
  read: "Bars of a row have one axis. Dashed: all samples together. Bold: beyond 2 SE from that, the group’s own part in it taken off. ◈ is protected: the training declared that it should not matter. A feature, pressed, has its curve beside.",
  mind: "Groups may differ in what they are like: a share that differs is a question, not yet a bias. One in twenty is bold by chance.",
};

export const LOSS_CURVES_HELP: FigureHelp = {
  means: "The loss of each group’s samples of the probe, epoch by epoch.",
  formula: "mean over samples;  band: ± 2 SE, of all samples together",
  read: "A group whose loss stops falling, or rises while that of all falls, is being given up for the others.",
  mind: "Small groups are noisy: see the errors in the table.",
};

export const DRIFT_CURVES_HELP: FigureHelp = {
  means: "How far the explanations of each group’s samples lie from the reference, epoch by epoch.",
  formula: "median over the group’s samples of 1 − cos(aₜ, aᵣ);  band: quartiles, of all samples together",
  read: "A group that moves when the others do not has new reasons of its own.",
  mind: "Drift says nothing of whether the new reasons are better.",
};

export const SHARE_CURVES_HELP: FigureHelp = {
  means: "The part of each group’s attribution that the chosen feature carries, epoch by epoch.",
  formula: "sⱼ of the group;  band: ± 2 SE, of all samples together",
  read: "A protected feature should stay low, and alike in all groups.",
  mind: "The feature may be gone from the list while a stand-in for it, correlated with it, carries the same.",
};

export const MATRIX_HELP: FigureHelp = {
  means: "How far every two methods rank the features alike at the cursor.",
  formula:
    "Spearman’s ρ of the shares over all features, −1 … 1;  by chance |ρ| stays under 1.96/√(F − 1) in 95 % of random orders",
  read: "Orange: alike; blue: contrary. The sentence names the two that agree least, and the feature that one of them finds strong and the other ranks most differently.",
  mind: "A method that answers at some steps only stands for its last answer; it is said which. Agreement does not make methods right, and they ask different things.",
};
