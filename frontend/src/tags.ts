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

type Named = readonly [tag: string, ...names: string[]];

/** By kind; asked for with every move of the cursor. */
const parsed = new WeakMap<Run["tags"], Map<string, Named[]>>();

/** The run's tags of a kind, each with its decoded names: [tag, ...names]. */
export function tagsOf({ tags }: Run, kind: string): readonly Named[] {
  const known = parsed.get(tags) ?? byKind(tags);
  parsed.set(tags, known);
  return known.get(kind) ?? [];
}

function byKind(tags: Run["tags"]): Map<string, Named[]> {
  const kinds = new Map<string, Named[]>();
  for (const tag of Object.keys(tags)) {
    const [kind, ...names] = parseTag(tag);
    const found = kinds.get(kind) ?? [];
    found.push([tag, ...names]);
    kinds.set(kind, found);
  }
  return kinds;
}

/** The tag of that kind and names as the run has it, if it has it. */
export function findTag(run: Run, kind: string, ...names: string[]): string | undefined {
  return tagsOf(run, kind).find(
    ([, ...found]) => found.length === names.length && found.every((name, i) => name === names[i]),
  )?.[0];
}

/** Steps at which a tag was logged, ascending; none if the run lacks it, or if `/groups` lists none. */
export function stepsOf(run: Run, tag: string | undefined): readonly number[] {
  return run.step_lists[run.tags[tag ?? ""]?.steps ?? -1] ?? [];
}
