/** What Samples shows as tables: what is known of each sample, and one sample's attribution value by value. */
import { type Table, tableOf } from "../downloads";
import type { Picture } from "./samples_data";
import type { SampleRow } from "./samples_model";
import { momentValues } from "./samples_moments";

export const sampleTable = (rows: readonly SampleRow[]): Table =>
  tableOf(rows, {
    sample: ({ index }) => index,
    name: ({ name }) => name,
    label: ({ label }) => label,
    prediction: ({ now }) => now?.says ?? null,
    confidence: ({ now }) => now?.confidence ?? null,
    loss: ({ now }) => now?.loss ?? null,
    prediction_at_reference: ({ reference }) => reference?.says ?? null,
    confidence_at_reference: ({ reference }) => reference?.confidence ?? null,
    drift: ({ drift }) => drift,
    completeness_error: ({ completenessError }) => completenessError,
    fit: ({ fit }) => fit,
  });

/** A row a value, in the order of its input's cells, the last axis fastest. */
export function attributionTable(picture: Picture, index: number): Table {
  const values = picture.manifest.inputs.flatMap((input) => {
    const [now, reference] = (["now", "reference"] as const).map((moment) =>
      momentValues(picture, input, index, moment),
    );
    return Array.from(now ?? [], (value, cell) => ({ input: input.name, cell, value, before: reference?.[cell] }));
  });
  return tableOf(values, {
    input: ({ input }) => input,
    cell: ({ cell }) => cell,
    attribution: ({ value }) => value,
    attribution_at_reference: ({ before }) => before ?? null,
  });
}
