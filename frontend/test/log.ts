/** A log directory as `/groups` tells of it, for tests. */
import type { Group, Groups, Run } from "../src/api";

export const tagged = (run: string, steps: number[], more: Partial<Run> = {}): Run => ({
  run,
  manifest: "m1",
  start_time: 0,
  probe: "p1",
  step_unit: "epoch",
  step_lists: [steps, [0, 1, 2, 3]],
  epoch_lists: [],
  tags: {
    "attribution/integrated_gradients": { kind: "frame", steps: 0 },
    "metric/loss": { kind: "series", steps: 1 },
  },
  ...more,
});

export const group = (name: string, steps: number[], more: Partial<Run> = {}): Group => ({
  name,
  runs: [tagged(name ? `${name}/explain` : "explain", steps, more)],
});

export const log = (...groups: Group[]): Groups => ({ logdir: "/data/logs/", groups, skipped: [] });
