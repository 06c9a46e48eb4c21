/** What the figures of Layers mean, as their titles tell when they are pressed. */
import type { FigureHelp } from "../elements/words_dialog";
import type { Kind } from "./layers_data";
import type { Health } from "./layers_model";

export const MODEL_HELP: FigureHelp = {
  means:
    "The model from its inputs to its outputs: a card for each layer with weights or an activation, a chip for the others, lines for what reads from what.",
  formula: "dead, saturated: parts of units and outputs · update: ‖Δw‖ / ‖w‖ · grad: ‖∂L/∂w‖",
  read: "▲ stands where a figure is over its limit at the cursor, other signs where an alarm went off before. Each curve has its own scale and a dot at the cursor.",
  mind: "A dash means that a figure has no meaning here: only rectifiers die, only tanh and sigmoid saturate, only weights are updated. Operations that are no layers have no place of their own.",
};

export const EPOCHS_HELP: FigureHelp = {
  means:
    "One histogram an explained epoch, the earliest at the back: how the distribution moved while the model learned.",
  formula: "height, or colour, √count; the same bins and the same scale at all epochs",
  read: "The filled ridge is the cursor’s epoch, the dashed one the reference’s. Look for the epoch at which the shape changes, and click it.",
  mind: "The root makes rare values visible and so larger than they are. Of many epochs about forty have a ridge; the heat map has all.",
};

export const KIND_HELP: Record<Kind, FigureHelp> = {
  activation: {
    means: "How the layer\u2019s outputs are distributed over all samples of the probe, units and positions.",
    formula: "counts in 64 bins, as wide as a power of two",
    read: "A peak at zero that grows: units die. Peaks at both ends of tanh: the layer saturates. A shift without either: what follows has to learn anew.",
    mind: "All units count together: one that never fires is hidden behind others that always do. Dropout is off.",
  },
  gradient: {
    means: "How large the gradients of the loss on the probe are, weight by weight.",
    formula: "log₁₀ |∂L/∂w|, zeros left out",
    read: "Moving left while the loss stays high: the gradient vanishes. Moving right: it explodes.",
    mind: "It is the gradient of the mean over the probe, not what the optimizer saw: that has batches, dropout and momentum.",
  },
  weight: {
    means: "How the layer\u2019s trainable weights are distributed, biases included.",
    formula: "counts in 64 bins, as wide as a power of two",
    read: "It widens while the layer learns. A long tail comes before a norm that explodes; a peak at zero is what weight decay leaves.",
    mind: "Weights that swap places leave it as it was: the update ratio tells of that.",
  },
};

export const HEALTH_HELP: Partial<Record<Health, FigureHelp>> = {
  saturated: {
    means: "The part of the outputs at the flat ends of the activation, where nearly no gradient passes.",
    formula: "tanh: |a| > .97; sigmoid: a < .015 or a > .985, which has the same slope",
    read: "Above 30 % an alarm goes off: lower the learning rate, normalise, or start with smaller weights.",
    mind: "A gate of a recurrent layer may rightly be open or shut. A model\u2019s own output is not counted: it may be sure.",
  },
  dead: {
    means: "The part of a rectifier\u2019s units that are at most 0 on every sample and position of the probe.",
    formula: "#{units with max a ≤ 0} / #{units}",
    read: "Above 50 % an alarm goes off. A dead unit gets no gradient and seldom comes back: look at the step before for a large update.",
    mind: "Dead on the probe is not dead on all data: with few samples a rare feature looks dead.",
  },
  update: {
    means: "How far the layer\u2019s weights went since the explained step before, beside their size.",
    formula: "‖wₜ − wₜ₋₁‖ / ‖wₜ₋₁‖",
    read: "The shaded range holds nine of ten values of all layers of this run. Far below it a layer stands still, far above it is torn about.",
    mind: "It counts the whole way between two explained steps: a thinned schedule raises it. Steps to and fro cancel out.",
  },
  gradient: {
    means: "How strongly the loss on the probe pulls at the layer\u2019s weights.",
    formula: "‖∂L/∂w‖₂ of the mean loss",
    read: "Layers that fall behind the others by orders of magnitude hardly learn. It shrinks for all while the loss does.",
    mind: "A layer with more weights has a longer gradient: compare it with itself over the epochs rather than with others.",
  },
  shift: {
    means: "How far the distribution of the outputs went from where it was at the first explained step.",
    formula: "W₁(aₜ, a₀) / σ(a₀): Wasserstein distance, in standard deviations at the start",
    read: "It grows while a layer learns and should settle. A jump late in training has a cause: look at the ridges there.",
    mind: "A layer that began narrow is soon many deviations away. It is measured on histograms: less than a bin is rounding.",
  },
  weight: {
    means: "The size of the layer\u2019s weights.",
    formula: "‖w‖₂",
    read: "Growing without end: no weight decay, or a loss that rewards being ever surer.",
    mind: "After a normalisation it changes nothing of what the model says, only how large an update is beside it.",
  },
  nonFinite: {
    means: "The part of the outputs that are NaN or infinite.",
    formula: "#{a not finite} / #{a}",
    read: "Anything above 0 is an alarm. The first layer along the model that has some is where it began.",
    mind: "Once weights are not finite nothing that follows is, and it does not heal: take weights from before.",
  },
};
