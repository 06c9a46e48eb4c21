/** What the model says of a sample, in words. Names shrink where there is no room, the figures beside them never do. */
import { css, html, nothing } from "lit";
import { isolated } from "../format";
import type { SampleRow } from "./samples_model";

export const saysStyles = css`
  .said { display: flex; gap: 4px; flex: 0 1 auto; min-width: 0; white-space: nowrap; }
  .said > * { flex: none; }
  .said > .name { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
  .wrong { color: var(--alarm); font-weight: 600; }
  .right { color: var(--ok); font-weight: 600; }
`;

/** What was said at the reference, where it is something else now. */
function saidBefore({ now, reference, flipped }: SampleRow): string {
  if (!now || !reference) return "";
  return flipped || (now.class < 0 && reference.says !== now.says) ? reference.says : "";
}

/** "says 1 → 8" with its colour's class: right or wrong where it flipped, plain where it did not. */
export function saying(row: SampleRow): { text: string; tone: string } {
  const { now, flipped } = row;
  if (!now) return { text: "", tone: "" };
  const before = saidBefore(row);
  const text = before ? `says ${isolated(before)} → ${isolated(now.says)}` : `says ${isolated(now.says)}`;
  return { text, tone: now.wrong ? "wrong" : flipped ? "right" : "" };
}

/**
 * The same as parts that shrink; names that run from right to left stay in their places.
 *
 * @param room  letters that names may have together; of more, only what is said now is told
 */
export function renderSaying(row: SampleRow, title: string, room = Number.POSITIVE_INFINITY) {
  if (!row.now) return nothing;
  const before = saidBefore(row);
  const long = before.length + row.now.says.length > room;
  const narrow = long && before !== "";
  return html`<span class="said ${saying(row).tone} ${long ? "long" : ""}" title=${title}
    >${narrow ? nothing : html`<span>says</span> `}${before && !narrow ? html`<bdi class="name">${before}</bdi> ` : nothing}${before ? html`<span>→</span> ` : nothing}<bdi class="name">${row.now.says}</bdi></span
  >`;
}

/** "is 8, said 1, now says 8" */
export function renderVerdict(row: SampleRow) {
  const { label, now } = row;
  const before = row.flipped ? row.reference?.says : undefined;
  const parts = [
    label ? html`is <bdi>${label}</bdi>` : undefined,
    before ? html`said <bdi>${before}</bdi>` : undefined,
    now ? html`${before ? "now says" : "says"} <bdi>${now.says}</bdi>` : undefined,
  ].filter((part) => part !== undefined);
  return parts.map((part, i) => (i ? html`, ${part}` : part));
}
