/** What the values of one sample sum to, how that compares with what its method promises, and how well its local model fits, in words. */
import type { Attribution } from "../api";
import { percent, signed } from "../format";
import { methodTitle, sumErrorOf } from "../methods";
import { FIT_LIMIT } from "../overview/trust_panels";
import type { Picture } from "./samples_data";
import { attributionSum, type SampleRow, sampleOf } from "./samples_model";

/** How much a sample's local model explains; undefined for methods that fit none. `weak`: too little to go by. */
export function fitInWords(now: Attribution, index: number): { text: string; weak: boolean } | undefined {
  if (!now.fit) return undefined;
  const fit = now.fit.data[index];
  if (!Number.isFinite(fit))
    return { text: "The score does not vary around this sample, or is not finite.", weak: true };
  if (fit <= 0) return { text: "The local model explains nothing of the score around this sample.", weak: true };
  const text = `The local model explains ${percent(fit)} of the score’s variance around this sample`;
  return fit < FIT_LIMIT ? { text: `${text}: little to go by.`, weak: true } : { text: `${text}.`, weak: false };
}

export function sumInWords({ method, unit: of }: Picture, now: Attribution, row: SampleRow): string {
  const broken = Object.values(now.values).reduce((count, array) => {
    return count + sampleOf(array, row.index).filter((value) => !Number.isFinite(value)).length;
  }, 0);
  if (broken > 0) return `${broken} values of the attribution are not finite: they are hatched, and it has no sum.`;
  const error = now.completenessError ? sumErrorOf(method) || "completeness" : "";
  if (error === "")
    return `Completeness is not defined for ${methodTitle(method)}: its values need not sum to anything.`;
  const unit = of ? ` ${of}` : "";
  const sum = `The ${error === "conservation" ? "relevance" : "attribution"} sums to ${signed(attributionSum(now, row.index))}${unit}`;
  const score = now.score?.data[row.index];
  const baseline = now.baselineScore?.data[row.index];
  const whole = baseline === undefined ? score : (score ?? Number.NaN) - baseline;
  if (whole === undefined || !Number.isFinite(row.completenessError)) return `${sum}.`;
  const name = baseline === undefined ? "F(x)" : "F(x) − F(x′)";
  const what = error === "conservation" ? "relevance" : "attribution";
  return `${sum}; ${name} is ${signed(whole)}, ${error} error ${percent(row.completenessError)} of Σ|${what}|.`;
}
