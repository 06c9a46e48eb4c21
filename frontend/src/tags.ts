/** The grammar of tags, `<kind>/<name>` with every part percent-encoded. Other code finds tags here and spells none. */
import type { Run } from "./api";

/** `importance/permutation/pixel%20values` → ["importance", "permutation", "pixel values"]. */
export function parseTag(tag: string): string[] {
  return tag.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part; // not ours to judge: shown as it is
    }
  });
}

/** The run's tags of a kind, each with its decoded names: [tag, ...names]. */
export function tagsOf(run: Run, kind: string): [tag: string, ...names: string[]][] {
  return Object.keys(run.tags)
    .map((tag): [string, string[]] => [tag, parseTag(tag)])
    .filter(([, [first]]) => first === kind)
    .map(([tag, [, ...names]]) => [tag, ...names]);
}

/** The tag of that kind and names as the run has it, if it has it. */
export function findTag(run: Run, kind: string, ...names: string[]): string | undefined {
  return tagsOf(run, kind).find(
    ([, ...found]) => found.length === names.length && found.every((name, i) => name === names[i]),
  )?.[0];
}

/** Steps at which a tag was logged, ascending; none if the run lacks it. */
export function stepsOf(run: Run, tag: string | undefined): readonly number[] {
  const info = tag === undefined ? undefined : run.tags[tag];
  return info ? (run.step_lists[info.steps] ?? []) : [];
}
