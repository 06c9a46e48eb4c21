/** A long name in a short place: clipped in its middle, because names of one kind differ at their ends. */
import { css, html, type TemplateResult } from "lit";
import { FROM_RIGHT } from "../format";

/** Letters of the end that stay. */
const KEPT = 9;
/** Shorter names are clipped at their end, if at all. */
const LONG = 18;

export const clippedNameStyles = css`
  .name-start { overflow: hidden; text-overflow: ellipsis; white-space: pre; min-width: 0; }
  .name-end { flex: none; white-space: pre; }
`;

/** To be put into a flex box of one line; the whole name is its text, but for the ends of its lines. */
export function clippedName(name: string): TemplateResult {
  const letters = [...name.replace(/\s/g, " ")];
  // Cut in two, a name from right to left would change its parts' places.
  const at = letters.length > LONG && !FROM_RIGHT.test(name) ? letters.length - KEPT : letters.length;
  const end = letters.slice(at).join("");
  return html`<span class="name-start">${letters.slice(0, at).join("")}</span>${end ? html`<span class="name-end">${end}</span>` : ""}`;
}

/** The same for a canvas: at most so many letters, the middle left out. */
export function shortenedName(name: string, longest: number): string {
  const letters = [...name.replace(/\s/g, " ")];
  if (letters.length <= longest) return letters.join("");
  const end = Math.min(KEPT, Math.floor(longest / 3));
  return `${letters.slice(0, longest - end - 1).join("")}…${letters.slice(-end).join("")}`;
}
