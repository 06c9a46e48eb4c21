/** What the figures of the Overview mean, as their titles tell when they are pressed; docs/drift.md has them at length. */
import type { FigureHelp } from "../elements/words_dialog";

export const FIGURES = {
  loss: {
    means: "What training makes small: on the training set (dotted) and on the validation set (solid).",
    formula: "as given to compile(), plus regularisation",
    read: "A gap between the two that widens is overfitting. Look whether reasons move where it starts to.",
    mind: "Dropout and augmentation are at work on the training set only, so the dotted line may lie above the solid one.",
  },
  score: {
    means: "How well the model does by the first metric that compile() was given, accuracy before others.",
    formula: "as Keras reports it at the end of an epoch",
    read: "Where it rises while reasons move, the model found something that works. Look at what.",
    mind: "It says nothing of why: a shortcut raises it, on validation samples too if they have it.",
  },
  overhead: {
    means: "What explaining has cost so far, as a part of the time that training itself took.",
    formula: "Σ seconds explaining / Σ seconds training",
    read: "Above the budget, explained epochs become sparser by themselves.",
    mind: "The first explained step traces the model and is dear; a short run never wins that back.",
  },
  shareShift: {
    means: "How much of the attribution moved to other cells since the reference.",
    formula: "½ Σⱼ |sⱼ − s′ⱼ|,  sⱼ = mean|aⱼ| / Σ mean|a|;  0 … 1",
    read: "Above the dashed noise line it is news: 95 of 100 other probes of this size would stay below if nothing but the choice of samples moved it. The band is where 90 % of other probes would have it.",
    mind: "Noise makes a sum of absolute values larger, never smaller: compare with the noise line, not with zero. If samples swap their explanations no share moves; that is local drift.",
  },
  localDrift: {
    means: "How far each sample\u2019s explanation turned away from what it was at the reference.",
    formula: "1 − cos(aᵢ, a′ᵢ) a sample; median and quartiles over samples;  0 … 2",
    read: "0: the same direction at any length. 1: nothing in common. 2: the opposite.",
    mind: "In many dimensions noise is nearly orthogonal to everything: noisy methods on large images are near 1 from one step to the next.",
  },
  effective: {
    means: "Over how many cells the attribution spreads.",
    formula: "exp(−Σⱼ sⱼ ln sⱼ);  1 … number of cells",
    read: "Falling: the model concentrates. A sudden fall can be a shortcut.",
    mind: "It depends on how finely the input is cut into cells: compare steps of one run, not a table with an image.",
  },
  rank: {
    means: "Whether features, or an image\u2019s regions, are in the same order of importance as at the reference.",
    formula: "Spearman\u2019s ρ of the shares;  −1 … 1",
    read: "1: the same order. 0: no relation.",
    mind: "Every rank counts alike, and the order of those that hardly matter is noise.",
  },
  overlap: {
    means: "Whether the same features are the most important ones.",
    formula: "|topₖ ∩ top′ₖ| / k;  0 … 1",
    read: "The dashed line is what two random orders have in common: near it, the first places tell nothing.",
    mind: "Two features that swap places k and k + 1 lower it by 1/k, though next to nothing happened.",
  },
  total: {
    means: "How much there is to attribute at all, with ± 2 standard errors over the samples.",
    formula: "mean over samples of Σⱼ |aⱼ|, in the unit of the score",
    read: "It grows while a model gets sure. Shares forget it.",
    mind: "Shares of next to nothing are still shares: where this is near zero, they are about noise.",
  },
  stepDrift: {
    means: "Local drift from one explained step to the next: how restless explanations are.",
    formula: "1 − cos(aᵢ(t), aᵢ(t − 1)); median and quartiles",
    read: "It should settle after the accuracy has. A peak is a step to look at.",
    mind: "Where steps lie further apart, they drift more: a thinned schedule raises it.",
  },
  completeness: {
    means: "Whether attributions add up to what they explain: the median sample and the worst of twenty.",
    formula: "|Σⱼ aⱼ − (F(x) − F(x′))| / Σⱼ |aⱼ|",
    read: "p95 above 5 %: the integral is too coarse, give integrated gradients more steps.",
    mind: "It checks the arithmetic, not whether the explanation is faithful: that is the deletion gap.",
  },
  localFit: {
    means:
      "How much of the score around a sample its local model explains, for methods that fit one: the median sample, and below it the lower quartile.",
    formula: "1 − Σᵢ π(zᵢ) (F(zᵢ) − g₋ᵢ(zᵢ))² / Σᵢ π(zᵢ) (F(zᵢ) − F̄₋ᵢ)²,  g₋ᵢ fitted without zᵢ",
    read: "Near 1 a straight line is the whole story near the sample. Below .5 most of it is another story.",
    mind: "A good fit is of the neighbourhood that was drawn: it does not say that the neighbourhood is the right one.",
  },
  deletion: {
    means:
      "Whether cells that are said to matter do: how much faster the score falls when cells are deleted in this order than in a random one.",
    formula: "mean over samples of the area between both curves, as a part of what there is to lose;  ± 2 SE",
    read: "Above zero by more than its band: faithful. At zero the order is as good as a random one.",
    mind: "Samples with deleted cells look like nothing that the model was trained on.",
  },
  agreement: {
    means: "Whether permutation importance, which asks the loss, orders features alike: a second witness.",
    formula: "Spearman\u2019s ρ between both importances;  −1 … 1",
    read: "Falling agreement: what moves the score is no longer what lowers the loss.",
    mind: "Features that stand in for each other lose nothing when one alone is permuted.",
  },
  similarity: {
    means: "How much explanations still look like those before the first batch.",
    formula: "1 − median local drift from the start",
    read: "An explanation that stays near 1 while the model learns shows the input more than the model.",
    mind: "After fine-tuning a good model, being near the start is right.",
  },
  trainingGap: {
    means: "How differently samples of the training set are explained from those of the probe.",
    formula: "share shift between the two sets of samples, ± 2 SE",
    read: "Growing: the model has reasons for what it has seen that it does not have for new samples.",
    mind: "Two sets of samples never have equal shares: it is above zero even without overfitting.",
  },
  watched: {
    means: "What part of the attribution the watched cells carry, ± 2 SE; by the run\u2019s first method.",
    formula: "Σ over the cells of mean|a| / Σ over all of mean|a|",
    read: "The dashed lines are the limits that were given, and the cells\u2019 part of the contrast: what they would carry if every difference from the baseline counted alike.",
    mind: "What rightly decides has more than its part of the contrast too.",
  },
  alarms: {
    means: "What moved or broke by more than it had wandered before, at the step at which it did.",
    formula: "z of a share against its last eight steps, limits of layers and watches, figures that are not finite",
    read: "Press one to go there. Hollow and grey: at the last step it is no longer so, or more than half of the way back.",
    mind: "None is no proof that nothing happened: what is learned in the first epochs has no steps before it to stand out from.",
  },
  movedMost: {
    means: "The samples whose explanation turned away furthest from what it was at the reference, one of each class.",
    formula: "1 − cos(aᵢ, a′ᵢ), the largest of each class; one colour scale for all",
    read: "Above at the reference, below now. Orange speaks for the label, blue against it. Press one for its details.",
    mind: "These are the extremes, not the rule: the local drift chart has the median and the quartiles.",
  },
  where: {
    means: "Which cells or features the attribution lies on, over all samples.",
    formula: "sⱼ = mean|aⱼ| / Σ mean|a|;  coloured: |sⱼ − s′ⱼ| > 2 SE of that difference, paired over the samples",
    read: "Bars: shares at the cursor. The upright line: at the reference. Grey: no further from it than other samples would put it.",
    mind: "Large is not right: a share says where the model looks, not whether it should. Of many cells, one in twenty is coloured by chance.",
  },
} as const satisfies Record<string, FigureHelp>;
