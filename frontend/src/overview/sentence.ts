/** What moved, said in a sentence: from a template, with its noise, never from a score. */
import { capital, distance, minus, percent } from "../format";
import type { RankedShare } from "./shares";

export interface Part {
  text: string;
  strong?: boolean;
}

export interface Facts {
  run: string;
  /** "the start", "epoch 19"; "" without one. */
  reference: string;
  /** Whether that is no moment of the run itself: a mean of steps, or another run. */
  elsewhere: boolean;
  /** "epoch 31". */
  now: string;
  /** Whether cursor and reference are the same step. */
  same: boolean;
  /** Whether there is no other step. */
  alone: boolean;
  shift: number;
  standardError: number;
  /** What the shift would stay under if nothing but the choice of samples moved it; NaN where that is unknown. */
  noise: number;
  samples: number;
  /** The feature whose share changed most, if shares are known. */
  feature?: RankedShare;
  /** What is said of the run's score in between. */
  learning?: { name: string; before: number; now: number; text: (value: number) => string; smallest: number };
  /** Rank correlation with permutation importance at both, where both were checked. */
  agreement?: { before: number; now: number };
}

const FEW = 64;
const number = (share: number): string => percent(share, { unit: false });

function moved({ shift, standardError, noise, samples, run, reference, elsewhere }: Facts): Part[] {
  const few = samples < FEW ? ` (few samples: ${samples})` : "";
  const error = Number.isFinite(standardError) ? ` ± ${number(2 * standardError)}` : "";
  const amount = `${number(shift)}${error}\u202f%${few} of the attribution of ${run}`;
  const text = elsewhere ? `Against ${reference}, ${amount} lies elsewhere` : `Since ${reference}, ${amount} has moved`;
  if (shift <= (Number.isFinite(noise) ? noise : 2 * standardError)) {
    return [{ text, strong: true }, { text: ", no more than its sampling noise. " }];
  }
  return [{ text: `${text}.`, strong: true }, { text: " " }];
}

function featureParts({ feature }: Facts): Part[] {
  if (!feature?.beyondNoise || !Number.isFinite(feature.change)) return [];
  const way = feature.change > 0 ? "up" : "down";
  return [
    { text: `${capital(feature.name)} now holds ` },
    { text: percent(feature.share), strong: true },
    { text: ` of it, ${way} from ${percent(feature.reference)}. ` },
  ];
}

/** A change of ρ that is worth a word. */
const NOTABLE = 0.1;

/** "; permutation importance now agrees less (ρ .86 → .71)" */
function agreementText({ agreement }: Facts): string {
  if (!agreement || !(Math.abs(agreement.now - agreement.before) >= NOTABLE)) return "";
  const { before, now } = agreement;
  return `; permutation importance now agrees ${now > before ? "more" : "less"} (ρ ${distance(before)} → ${distance(now)})`;
}

function learningParts(facts: Facts): Part[] {
  const { learning } = facts;
  if (!learning || !Number.isFinite(learning.before) || !Number.isFinite(learning.now)) return [];
  const { name, before, now, text, smallest } = learning;
  const [from, to] = [text(before), text(now)];
  const agreement = agreementText(facts);
  if (Math.abs(now - before) < smallest || from === to)
    return [{ text: `${capital(name)} stayed at ${to}${agreement}.` }];
  return [{ text: `${capital(name)} ${now > before ? "rose" : "fell"} meanwhile from ${from} to ${to}${agreement}.` }];
}

export function sentence(facts: Facts): Part[] {
  if (facts.alone) {
    return [
      { text: `One explanation of ${facts.run} so far: ${facts.now}.`, strong: true },
      { text: " Drift needs a second one, which comes with the next explained epoch." },
    ];
  }
  if (facts.same) {
    return [
      { text: `${capital(facts.now)} is the reference.`, strong: true },
      { text: ` Move the cursor to see what changes in the explanations of ${facts.run}.` },
    ];
  }
  if (!Number.isFinite(facts.shift) && facts.reference) {
    const text = `Nothing to compare at ${facts.now}: attributions of ${facts.run} there or at ${facts.reference} are not finite, or all zero.`;
    return [{ text, strong: true }, { text: " " }, ...learningParts(facts)];
  }
  if (!Number.isFinite(facts.shift)) {
    return [{ text: `${capital(minus(facts.now))} has no reference to be held against.`, strong: true }];
  }
  return [...moved(facts), ...featureParts(facts), ...learningParts(facts)];
}
