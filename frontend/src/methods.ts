/** The methods by their names in the field, with what each answers, how, where it misleads, and its source. */
import type { ManifestMethod } from "./api";

/** What a frame's `completeness_error` measures; "" where the method promises no sum. */
export type SumError = "completeness" | "conservation" | "";

export interface MethodHelp {
  title: string;
  /** Where there is little room. */
  short: string;
  error: SumError;
  answers: string;
  formula: string;
  pitfall: string;
  source: string;
}

const METHODS: Record<string, MethodHelp> = {
  integrated_gradients: {
    title: "Integrated gradients",
    short: "IG",
    error: "completeness",
    answers: "How much does each input contribute to the score’s difference from the baseline’s?",
    formula: "aⱼ = (xⱼ − x′ⱼ) ∫₀¹ ∂F/∂xⱼ (x′ + t (x − x′)) dt;  Σ aⱼ = F(x) − F(x′)",
    pitfall: "An input equal to the baseline gets nothing, however much it matters: choose the baseline with care.",
    source: "Sundararajan, Taly & Yan 2017, arXiv:1703.01365, eq. 1",
  },
  saliency: {
    title: "Saliency",
    short: "Saliency",
    error: "",
    answers: "A small change of which inputs would change the score most?",
    formula: "aⱼ = |∂F/∂xⱼ|",
    pitfall:
      "Local and without a sign: where the score is saturated it is near zero, and it tells nothing of what is there.",
    source: "Simonyan, Vedaldi & Zisserman 2013, arXiv:1312.6034, section 3",
  },
  gradient_times_input: {
    title: "Gradient × input",
    short: "Grad × in",
    error: "",
    answers: "What would each input contribute if the model were linear around this sample?",
    formula: "aⱼ = xⱼ ∂F/∂xⱼ",
    pitfall: "Black pixels and zeros get nothing; with saturation the values need not sum to the score.",
    source: "Shrikumar et al. 2016, arXiv:1605.01713",
  },
  smooth_grad: {
    title: "SmoothGrad",
    short: "SmoothGrad",
    error: "",
    answers: "What does the gradient say on average around the sample?",
    formula: "aⱼ = (1/n) Σₖ ∂F/∂xⱼ (x + εₖ),  ε ~ N(0, σ²)",
    pitfall: "It looks cleaner than the gradient but explains noisy copies of the sample; σ decides much.",
    source: "Smilkov et al. 2017, arXiv:1706.03825",
  },
  expected_gradients: {
    title: "Expected gradients",
    short: "EG",
    error: "completeness",
    answers: "How much does each input contribute to the score’s difference from that of typical samples?",
    formula: "aⱼ = E over x′, t of (xⱼ − x′ⱼ) ∂F/∂xⱼ (x′ + t (x − x′))",
    pitfall: "Complete in expectation only: the error tells how far the drawn baselines and nodes fall short of it.",
    source: "Erion et al. 2021, arXiv:1906.10670, eq. 3",
  },
  grad_cam: {
    title: "Grad-CAM",
    short: "Grad-CAM",
    error: "",
    answers: "Which places of the image speak for the label, as the chosen layer sees them?",
    formula: "a = ReLU(Σₖ αₖ Aᵏ),  αₖ = mean over places of ∂F/∂Aᵏ",
    pitfall:
      "As coarse as the layer’s map and then enlarged: edges of the picture are none of the model’s. What speaks against is cut.",
    source: "Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2",
  },
  kernel_shap: {
    title: "Kernel SHAP",
    short: "SHAP",
    error: "completeness",
    answers:
      "What is each input’s fair share of the score’s difference from the baseline’s, over all ways of leaving others out?",
    formula: "φᵢ = Σ over S without i of |S|! (P − |S| − 1)! / P! (v(S ∪ i) − v(S));  Σ φᵢ = F(x) − F(x′)",
    pitfall:
      "Inputs left out are replaced whatever the others say: where inputs depend on each other, the model is asked about samples that never occur.",
    source:
      "Lundberg & Lee 2017, arXiv:1705.07874; Musco & Witter 2025, arXiv:2410.01917; Fumagalli et al. 2026, arXiv:2602.01399",
  },
  occlusion: {
    title: "Occlusion",
    short: "Occlusion",
    error: "",
    answers: "What does the score lose when one input, word or region is taken away?",
    formula: "aᵢ = F(x) − F(x with i replaced by the baseline)",
    pitfall:
      "What another input can stand in for is spared without loss, and so both get nothing. The values need not sum to the score.",
    source: "Zeiler & Fergus 2014, arXiv:1311.2901, section 4.2",
  },
  lime: {
    title: "LIME",
    short: "LIME",
    error: "",
    answers: "What does a straight line, fitted to the score near the sample, say that each input contributes?",
    formula:
      "argmin over g of Σᵢ π(zᵢ) (F(zᵢ) − g(zᵢ))² + α‖g‖²,  π(z) = √exp(−d(x, z)²/σ²);  aⱼ = gⱼ (xⱼ − reference)",
    pitfall:
      "Where the score bends near the sample, a straight line explains little of it: look at the fit of each sample. Columns are drawn one by one, into combinations that never occur.",
    source: "Ribeiro, Singh & Guestrin 2016, arXiv:1602.04938, eq. 1",
  },
  lrp: {
    title: "LRP",
    short: "LRP",
    error: "conservation",
    answers: "How is the label’s logit shared out, layer by layer, back to the inputs?",
    formula: "Rᵢ = Σⱼ (zᵢⱼ / Σᵢ zᵢⱼ) Rⱼ, with the composite’s rule for each layer",
    pitfall:
      "Rules are conventions: another composite can tell another story. Biases and ε absorb relevance, which is the conservation error.",
    source:
      "Bach et al. 2015, doi:10.1371/journal.pone.0130140; Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10",
  },
  gradient: {
    title: "Gradient",
    short: "Gradient",
    error: "",
    answers: "A small change of which features would change the score most, on average over the probe?",
    formula: "iⱼ = mean over samples of |∂F/∂xⱼ|",
    pitfall: "Per unit of input: features on different scales do not compare, and saturation hides what matters.",
    source: "Simonyan, Vedaldi & Zisserman 2013, arXiv:1312.6034, section 3",
  },
  permutation: {
    title: "Permutation",
    short: "Perm.",
    error: "",
    answers: "How much worse does the model do when a feature is shuffled between samples?",
    formula: "iⱼ = loss(x with feature j shuffled) − loss(x)",
    pitfall: "Features that say the same hide each other, and shuffling makes samples that never occur.",
    source: "Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin & Dominici 2019, arXiv:1801.01489",
  },
  permutation_clusters: {
    title: "Permutation of clusters",
    short: "Perm. clusters",
    error: "",
    answers: "How much worse does the model do when columns that say the same are shuffled together?",
    formula: "i_C = loss(x with all columns of cluster C shuffled alike) − loss(x)",
    pitfall: "Which of its columns the model reads, a cluster does not tell. Columns that correlate less stay apart.",
    source: "Breiman 2001, doi:10.1023/A:1010933404324; clusters as in scikit-learn’s guide to multicollinear features",
  },
};

/** A run's second `lrp` has a name of its own that begins alike: `lrp_2`, `lrp_gamma`. */
const kindOf = (name: string): string | undefined =>
  Object.keys(METHODS)
    .filter((known) => name === known || name.startsWith(`${known}_`))
    .sort((a, b) => b.length - a.length)[0];

/** What is known of a method; undefined for a user's own. */
export function methodHelp(name: string): MethodHelp | undefined {
  const kind = kindOf(name);
  return kind === undefined ? undefined : METHODS[kind];
}

const variant = (name: string): string => name.slice(kindOf(name)?.length).replaceAll("_", " ");

/** "integrated_gradients" → "Integrated gradients", "lrp_2" → "LRP 2"; a user's own as it was written. */
export function methodTitle(name: string): string {
  const help = methodHelp(name);
  return help ? help.title + variant(name) : name;
}

/** "integrated_gradients" → "IG". */
export function shortMethod(name: string): string {
  const help = methodHelp(name);
  return help ? help.short + variant(name) : name;
}

/** Titles, each with the parameters in which the run's methods of one kind differ: "LRP 2 · alpha2 beta1". */
export function distinctTitle(name: string, methods: readonly ManifestMethod[]): string {
  const help = methodHelp(name);
  const own = methods.find((method) => method.name === name);
  const alike = methods.filter((method) => help && methodHelp(method.name) === help);
  if (!own || alike.length < 2) return methodTitle(name);
  const shared = Object.keys(own.parameters).filter((key) => alike.every(({ parameters }) => key in parameters));
  const differs = shared.filter((key) => alike.some(({ parameters }) => parameters[key] !== own.parameters[key]));
  return [methodTitle(name), ...differs.map((key) => own.parameters[key].replaceAll("_", " "))].join(" · ");
}

/** What the frames' error measures, by the method's own promise; "completeness" of a user's own that logs one. */
export const sumErrorOf = (name: string): SumError => {
  const help = methodHelp(name);
  return help ? help.error : "completeness";
};
