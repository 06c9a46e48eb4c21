/** The curves of a chart as a table: a row a line and place. */
import type { Table } from "../downloads";
import type { Line } from "./curve_data";
import { smooth } from "./smoothing";

const COLUMNS = ["run", "curve", "epoch", "value"];

/** As measured; `smoothed` beside it where the weight is not 0, and the band where a line has one. Shares are parts of 1, not percent. */
export function curveTable(lines: readonly Line[], weight: number): Table {
  const banded = lines.some(({ band }) => band);
  return {
    columns: [...COLUMNS, ...(weight > 0 ? ["smoothed"] : []), ...(banded ? ["lower", "upper"] : [])],
    rows: lines.flatMap((line) => {
      const smoothed = weight > 0 && !line.band && !line.dashed ? smooth(line.values, weight) : undefined;
      return line.epochs.map((epoch, i) => [
        line.run,
        line.name ?? line.label,
        epoch,
        line.values[i],
        ...(weight > 0 ? [smoothed?.[i] ?? null] : []),
        ...(banded ? [line.band?.lower[i] ?? null, line.band?.upper[i] ?? null] : []),
      ]);
    }),
  };
}
