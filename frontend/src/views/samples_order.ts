/**
 * In which order samples stand, and which of them. Made at one step, it holds while the cursor moves on, so that the eye finds a sample where it
 * was; it is made again when something else is asked for (another sort, filter, reference, run or method), and on demand.
 */

export interface Order {
  /** Of the samples in the probe, in order. */
  readonly indices: readonly number[];
  /** The step whose figures they are ordered by. */
  readonly step: number;
}

export interface OrderHolder {
  /**
   * The order that holds.
   *
   * @param asked    what the order answers: an equal text holds it
   * @param step     the step of the figures that there are now
   * @param settled  whether all figures of that step are there; an order made before is made again once they are
   * @param make     the order by these figures
   */
  get(asked: string, step: number, settled: boolean, make: () => readonly number[]): Order;
  /** Make it anew at the next occasion. */
  drop(): void;
}

export function orderHolder(): OrderHolder {
  let held: { asked: string; settled: boolean; order: Order } | undefined;
  return {
    get(asked, step, settled, make) {
      if (held?.asked !== asked || !held.settled) held = { asked, settled, order: { indices: make(), step } };
      return held.order;
    },
    drop() {
      held = undefined;
    },
  };
}
