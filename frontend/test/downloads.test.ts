import { describe, expect, test } from "vitest";
import { curveTable } from "../src/charts/curve_table";
import { csvOf, fileName, jsonOf, UNITS } from "../src/downloads";

const context = { run: "digits/explain", epoch: "12", against: "start", method: "lrp" };

describe("a figure's data", () => {
  const table = {
    columns: ["feature", "epoch", "share"],
    rows: [
      ['say "mean", twice', -1, 0.1],
      ["two\nlines", 0, Number.NaN],
      ["plain", 1e-7, null],
      ["Größe", 2, Number.NEGATIVE_INFINITY],
    ],
  };

  test("is CSV that quotes what has to be quoted and says what is not finite", () => {
    expect(csvOf(table)).toBe(
      'feature,epoch,share\r\n"say ""mean"", twice",-1,0.1\r\n"two\nlines",0,NaN\r\nplain,1e-7,\r\nGröße,2,-Infinity\r\n',
    );
  });

  test("is JSON with what it is of, an object a row", () => {
    expect(JSON.parse(jsonOf(table, "Shares", context))).toEqual({
      figure: "Shares",
      ...context,
      units: UNITS,
      rows: [
        { feature: 'say "mean", twice', epoch: -1, share: 0.1 },
        { feature: "two\nlines", epoch: 0, share: null },
        { feature: "plain", epoch: 1e-7, share: null },
        { feature: "Größe", epoch: 2, share: null },
      ],
    });
  });

  test.each([
    ["Loss", context, "digits-Loss-epoch-12.csv"],
    ["Total |a|", { ...context, run: "", epoch: "start" }, "Total-a-start.csv"],
    ["Share", { ...context, run: "../x y/explain", epoch: "-1" }, "x-y-Share-epoch-minus-1.csv"],
    ["…", { ...context, run: "", epoch: "" }, "figure.csv"],
  ])("of %s is in a file whose name says what it is", (figure, of, name) => {
    expect(fileName(figure, of, "csv")).toBe(name);
  });
});

describe("curves as a table", () => {
  const line = { run: "a/explain", label: "a", colour: "#000000", focus: true, epochs: [0, 1], values: [4, 1] };

  test("have a row a line and place, as measured", () => {
    expect(
      curveTable(
        [
          { ...line, name: "validation" },
          { ...line, run: "b/explain", label: "b" },
        ],
        0,
      ),
    ).toEqual({
      columns: ["run", "curve", "epoch", "value"],
      rows: [
        ["a/explain", "validation", 0, 4],
        ["a/explain", "validation", 1, 1],
        ["b/explain", "b", 0, 4],
        ["b/explain", "b", 1, 1],
      ],
    });
  });

  test("have what is drawn beside what was measured, and bands where there are", () => {
    const banded = { ...line, band: { lower: [3, 0], upper: [5, 2] } };
    const { columns, rows } = curveTable([line, banded], 0.5);
    expect(columns).toEqual(["run", "curve", "epoch", "value", "smoothed", "lower", "upper"]);
    expect(rows[1]).toEqual(["a/explain", "a", 1, 1, 3 / 1.5, null, null]);
    expect(rows[3]).toEqual(["a/explain", "a", 1, 1, null, 0, 2]);
  });
});
