/** What the figures of the Compare view mean, in the words of their help. */
import type { FigureHelp } from "../elements/words_dialog";

export const MATRIX_HELP: FigureHelp = {
  means:
    "How alike the explanations of the same samples are at every pair of epochs. Phases are stretches of epochs that are alike, separated by lasting changes.",
  formula: "mean over samples of cos(aᵢ(s), aᵢ(t)) = aᵢ(s)·aᵢ(t) / (‖aᵢ(s)‖ ‖aᵢ(t)‖), −1 … 1",
  read: "A dark square on the diagonal is a time in which explanations stood still; an edge between two squares is when they changed. Epochs run from left to right at the cursor and from top to bottom at the reference. Click sets the epoch, Shift-click the reference; ← → and ↑ ↓ move them. Hatched: not finite, or not readable.",
  mind: "A mean hides samples that moved far: see those listed beside it. High similarity to an untrained model says little about that model. Change points are found after the fact, with a penalty that decides how many there are.",
};

export const SCATTER_HELP: FigureHelp = {
  means: "How much of the attribution each feature, or region of an image, carries on both sides.",
  formula:
    "sⱼ = meanᵢ |aᵢⱼ| / Σₖ meanᵢ |aᵢₖ|;  moved: |sⱼ(A) − sⱼ(B)| > 2 SE of that difference, paired over the samples",
  read: "Above the diagonal A looks more at it, below B does. Coloured points differ by more than twice the standard error of their own change, drawn as a whisker; those that carry most of the difference are named. With two or more sibling runs the band holds 95 % of what two seeds differ by, and only what lies beyond that is coloured; else it is the noise of the samples, for a typical feature, and called that. Axes are logarithmic; shares near zero lie on the edge.",
  mind: "Of 100 features about 5 lie outside by chance. Where the band is that of the samples alone, another seed moves shares by more than this.",
};

export const FIGURES_HELP: FigureHelp = {
  means: "How well A and B learn, how their reasons lie, and how far to trust that, side by side.",
  formula:
    "bold: |A − B| > 2 · noise;  noise: mean |difference| of two runs that differ by their seed alone or, if larger, √(SE²(A) + SE²(B)); without both, the median |change| over the last 20 steps",
  read: "Values stand at the cursor for A and at the reference for B; ± are two standard errors where they are known. Each noise is in the tooltip of its difference.",
  mind: "Of twenty figures that do not differ one is bold by chance. Two to four seeds say little of how far seeds lie apart. None of these figures says that a model is right for the right reasons.",
};

export const TIME_HELP: FigureHelp = {
  means: "How far A lies from B at every epoch, beside how far two runs lie apart that differ by their seed alone.",
  formula: "½ Σⱼ |sⱼ(A, t) − sⱼ(B, t)|, the part of the attribution that lies elsewhere",
  read: "Above “two seeds” the difference is more than another seed would make. “noise” is what the choice of samples alone would make.",
  mind: "It is one pair of seeds: others may lie nearer or farther. Choose another run as B to see.",
};

export const SEED_HELP: FigureHelp = {
  means:
    "Whether a feature’s share in A lies farther out than those of runs that differ by nothing but their seed, or by little.",
  formula: "zⱼ = (sⱼ(A) − medianᵣ sⱼ(r)) / (1.4826 · MADᵣ sⱼ(r)), over sibling runs r at the same epoch",
  read: "Siblings are the other runs in this log with the same samples, method and layers. |z| over 5 is worth asking why; what stays within 3 any seed may do.",
  mind: "Shares sum to one: where one feature rises, others fall, and get a large z below zero for no reason of their own. Look for the one that rose. The spread of two to four siblings is a guess: with three it is off by more than half more often than not. A sibling that was trained on other data is taken for one, too: look which they are.",
};

export const CHANGE_HELP: FigureHelp = {
  means:
    "Which features, or regions of an image, gained and lost share between B and A, in points of the whole attribution.",
  formula: "Δⱼ = sⱼ(A) − sⱼ(B);  ± 2 SE, paired over the samples that both sides explain",
  read: "Orange gained in A, blue lost. Bold changes are beyond twice their standard error.",
  mind: "Shares sum to one: when one feature gains, all others lose, whether the model changed its use of them or not.",
};

export const SAMPLES_HELP: FigureHelp = {
  means: "The samples of the probe whose explanations differ most between A and B.",
  formula: "1 − cos(aᵢ(A), aᵢ(B)), 0 … 2",
  read: "Maps of A, of B, and A less B, on one scale. What each side says is written beside; red is wrong. Click opens the sample.",
  mind: "The cosine looks at directions alone: a map that merely grew stronger has not moved. Where both maps are faint, their directions are mostly noise.",
};
