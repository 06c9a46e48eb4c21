/** The tool bar of the Samples view (sort, filters, which of the three maps are shown), and the line below the cards. */

import { html } from "lit";
import { stepsInMemory } from "../api";
import { findBox, picker, segments, toggle } from "../elements/controls";
import { referenceRun, sinceText, standsFor } from "../references";
import "../elements/legend";
import { pools } from "../elements/sample_thumb";
import { methodTitle, sumErrorOf } from "../methods";
import { store } from "../state";
import { stepName } from "../steps";
import { type Asked, ask, type Shown } from "./samples_asked";
import { layoutOf } from "./samples_cards";
import { CLIP_PERCENTILE, explainsInput, type Picture } from "./samples_data";
import { className, isRegression, type SampleRow, type SampleSort, SORTS } from "./samples_model";
import { moments } from "./samples_moments";
import type { Order } from "./samples_order";

export interface SampleTools {
  picture: Picture;
  /** All rows, before any filter: what the counts are of. */
  rows: readonly SampleRow[];
  sort: SampleSort;
  asked: Asked;
  /** What the samples can be taken along as. */
  menu: unknown;
}

const PER_CLASS = [1, 2, 3, 5, 10];
const ANY = "any";

export function sampleTools(tools: SampleTools) {
  const { picture, rows, asked } = tools;
  const { manifest, referenceAt } = picture;
  const classes = [...new Set(rows.map(({ target }) => target).filter((target) => target >= 0))].sort((a, b) => a - b);
  const natural = (id: string) => (id === ANY ? null : Number(id));
  // Another run's name has no room here; the heads have it.
  const since = referenceAt && !referenceRun(store.state) ? ` ${sinceText(store.state)}` : "";
  const complete = rows.some(({ completenessError }) => Number.isFinite(completenessError));
  const absent = [
    ...(isRegression(manifest) ? ["confidence"] : []),
    ...(referenceAt ? [] : ["drift"]),
    ...(complete ? [] : ["completeness"]),
    ...(rows.some(({ fit }) => Number.isFinite(fit)) ? [] : ["fit"]),
  ];
  const titles: Partial<Record<SampleSort, string>> = {
    drift: `drift${since}`,
    completeness: `${sumErrorOf(picture.method) || "completeness"} error`,
  };
  const sorts = SORTS.filter(({ id }) => !absent.includes(id)).map(({ id, title }) => ({
    id,
    title: titles[id] ?? title,
  }));
  const count = (passes: (row: SampleRow) => boolean) => rows.filter(passes).length;
  return html`<div class="tools" role="toolbar" aria-label="Samples">
    ${picker("Sort", absent.includes(tools.sort) ? "index" : tools.sort, sorts, (sort) => store.set({ sort }, { push: true }))}
    ${
      classes.length > 1
        ? html`
          ${picker(
            "Class",
            asked.class === null ? ANY : String(asked.class),
            [
              { id: ANY, title: ANY },
              ...classes.map((index) => ({ id: String(index), title: className(manifest, index) })),
            ],
            (id) => ask({ class: natural(id) }),
          )}
          ${picker(
            "Per class",
            asked.perClass === null ? ANY : String(asked.perClass),
            [{ id: ANY, title: "all" }, ...PER_CLASS.map((k) => ({ id: String(k), title: String(k) }))],
            (id) => ask({ perClass: natural(id) }),
          )}`
        : ""
    }
    ${
      isRegression(manifest)
        ? ""
        : html`
          ${toggle(
            "Flipped",
            count((row) => row.flipped),
            asked.flipped,
            (flipped) => ask({ flipped }),
          )}
          ${toggle(
            "Wrong",
            count((row) => row.now?.wrong ?? false),
            asked.wrong,
            (wrong) => ask({ wrong }),
          )}`
    }
    ${findBox("Find", asked.sought, (sought) => ask({ sought }, false))}
    <span class="spread"></span>
    ${
      referenceAt
        ? segments(
            "Maps",
            asked.shown,
            [
              { id: "all", title: "All" },
              { id: "now", title: "Now" },
              { id: "change", title: "Change" },
            ],
            (id) => ask({ shown: id as Shown }),
          )
        : ""
    }
    ${tools.menu}
  </div>`;
}

export interface SampleFoot {
  picture: Picture;
  /** Samples that pass. */
  count: number;
  /** The drift of a full bar. */
  most: number;
  asked: Asked;
  order: Order;
  /** Order the samples by the figures of the step where the cursor stands. */
  sortAgain(): void;
}

/** The colours' scale, and what the cards show. */
export function sampleFoot({ picture, count, most, asked: { shown, scale }, order, sortAgain }: SampleFoot) {
  const layout = layoutOf(picture.manifest);
  const change = moments(shown, layout, picture.referenceAt !== null).includes("change");
  const bars = picture.referenceAt !== null && layout !== "row";
  const { run, tag, steps } = picture;
  const inMemory = stepsInMemory(run.run, tag, steps).length;
  const said = [
    `${count} of ${picture.manifest.probe.size}`,
    `${scale === "all" ? "one scale for all" : "a scale for each"}, clipped at p${CLIP_PERCENTILE}`,
    ...(picture.manifest.inputs.some(pools) ? ["summed over 2 × 2"] : []),
    ...(picture.referenceAt && standsFor(store.state) ? [standsFor(store.state)] : []),
    ...(bars ? [`bar: drift, 1 − cos, full at ${most}`] : []),
    ...picture.manifest.inputs
      .filter((input) => !explainsInput(picture, input))
      .map(({ name }) => `${methodTitle(picture.method)} says nothing of ${name}`),
    ...(picture.manifest.probe.inputs_logged ? [] : ["the samples themselves were not logged"]),
    `${inMemory} of ${steps.length} epochs loaded`,
  ];
  const stale = order.step !== picture.nowStep;
  return html`<div class="foot">
    <div class="legends">
      ${change && !picture.signed && shown === "change" ? "" : html`<explain-legend ?signed=${picture.signed} ?dark=${store.state.dark} high=${picture.signed ? "" : "strong"}></explain-legend>`}
      ${change && !picture.signed ? html`<explain-legend signed ?dark=${store.state.dark} low="less" high="more"></explain-legend>` : ""}
    </div>
    <p class="caption">${said.join(" · ")}${stale ? html` · in the order of ${stepName(run, order.step)}, <button class="link" @click=${sortAgain}>sort again</button>` : ""}</p>
  </div>`;
}
