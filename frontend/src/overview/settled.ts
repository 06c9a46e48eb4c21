/** Whether an alarm has settled: whether what it warned of is no longer so at the last step that was measured. */
import { namesIn } from "../alarm_kinds";
import { type Alarm, getSeries } from "../api";
import { methodsOf, type RunEntry, type State } from "../state";
import { findTag, tagsOf } from "../tags";
import { HEALTH, type Health } from "../views/layers_model";

type Numbers = ArrayLike<number>;

/** Where the figures of an alarm are logged, and whether it holds for what stands there last. */
interface Claim {
  tags: readonly string[];
  holds(...last: Numbers[]): boolean;
}

/** The figure of a layer that an alarm is about. */
const FIGURES: Record<string, Health> = {
  dead_layer: "dead",
  saturated_layer: "saturated",
  distribution_jump: "shift",
  non_finite: "nonFinite",
};

const sum = (values: Numbers): number => Array.from(values).reduce((a, b) => a + Math.abs(b), 0);

/** The importance, of the three rows that a step of its series has. */
const sizes = (step: Numbers): number[] => Array.from(step).slice(0, step.length / 3);

/** What an alarm claims; undefined where that is of one step alone, or cannot be read again. Of cells that moved alike the first speak for all. */
export function claimOf(run: RunEntry, method: string, alarm: Alarm): Claim | undefined {
  const { kind, subject, evidence } = alarm;
  const [before, after, limit] = [evidence.before, evidence.after, evidence.limit].map(Number);
  // Half of the way back is back.
  const isAway = (value: number): boolean => (value - before) / (after - before) > 0.5;
  const beyond = (value: number): boolean =>
    Number.isNaN(limit) ? isAway(value) : kind === "watch_below" ? value < limit : value > limit;
  const watch = findTag(run, "watch", subject);
  if (watch) return { tags: [watch], holds: (last) => beyond(last[0]) };
  if (Array.isArray(evidence.cells)) {
    const importances = tagsOf(run, "importance").filter(([, by]) => by === method);
    const at = importances.findIndex(([, , input]) => input === evidence.input);
    const cells = evidence.cells as readonly number[];
    if (at < 0) return undefined;
    return {
      tags: importances.map(([tag]) => tag),
      holds: (...steps) => {
        const inputs = steps.map(sizes);
        const total = inputs.reduce((all, input) => all + sum(input), 0);
        return isAway(sum(cells.map((cell) => inputs[at][cell])) / total);
      },
    };
  }
  const figure = FIGURES[kind];
  const layers = namesIn(alarm).flatMap((name) => findTag(run, "health", name) ?? []);
  if (figure && layers.length) {
    return { tags: layers, holds: (...last) => last.some((health) => beyond(health[HEALTH.indexOf(figure)])) };
  }
  const metrics = namesIn(alarm).flatMap((name) => findTag(run, "metric", name) ?? []);
  return kind === "non_finite" && metrics.length
    ? { tags: metrics, holds: (...last) => last.some((value) => !Number.isFinite(value[0])) }
    : undefined;
}

/** Those of some alarms that have settled. What cannot be read leaves them open. */
export async function settledOf(
  alarms: readonly { alarm: Alarm; run: RunEntry }[],
  state: State,
  signal: AbortSignal,
): Promise<ReadonlySet<Alarm>> {
  const judged = alarms.map(async ({ alarm, run }) => {
    const claim = claimOf(run, methodsOf(state, run)[0] ?? "", alarm); // alarms of attributions are by the first
    if (!claim) return [];
    const series = await Promise.all(claim.tags.map((tag) => getSeries(run.run, tag, signal)));
    return series.every(({ steps }) => steps.length) &&
      !claim.holds(...series.map(({ steps, at }) => at(steps.length - 1)))
      ? [alarm]
      : [];
  });
  const answers = await Promise.allSettled(judged);
  signal.throwIfAborted();
  return new Set(answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])));
}
