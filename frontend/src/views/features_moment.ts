/** The cursor and what shares are held against, as steps of tables. */

import { nearestIndex } from "../charts/epoch_axis";
import { drawnReference, placeName } from "../references";
import { focusRun, type State } from "../state";
import { type FeatureTable, sameFeatures } from "./features_model";

/** A step of the same run's table or of another's. */
export interface Moment {
  table: FeatureTable;
  /** Index of the step; −1 for none. */
  column: number;
  /** "epoch 19", "cnn-wide, epoch 31" */
  name: string;
}

export interface Moments {
  /** Index of the cursor's step; −1 for none. */
  now: number;
  before: Moment;
}

/** @param others tables of the run that the focus run is held against, by all methods */
export function momentsOf(state: State, table: FeatureTable, others: readonly FeatureTable[]): Moments {
  const now = state.epoch === null ? -1 : nearestIndex(table.steps, state.epoch);
  return { now, before: heldAgainst(state, table, others, now) };
}

function heldAgainst(state: State, table: FeatureTable, others: readonly FeatureTable[], now: number): Moment {
  const none = { table, column: -1, name: "" };
  const [run, drawn] = [focusRun(state), drawnReference(state)];
  if (!run || !drawn) return none;
  const own = drawn.run.run === run.run;
  const old = own ? table : others.find(({ method }) => method === table.method);
  if (!old || !sameFeatures(old, table)) return none;
  const column = nearestIndex(old.steps, drawn.step);
  if (column < 0 || (own && column === now)) return none;
  return { table: old, column, name: placeName({ run: drawn.run, step: old.steps[column] }, run) };
}
