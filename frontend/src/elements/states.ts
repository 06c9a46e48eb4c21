/** What a panel shows instead of its data: nothing yet, nothing at all, or what went wrong. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons";

interface Told {
  what?: string;
  expected?: string;
  received?: string;
}

/** What went wrong, in full, as it is copied. */
export function details(error: unknown): string {
  const { what, expected, received } = error as Told;
  const lines = [what ?? String(error)];
  if (expected) lines.push(`expected: ${expected}`);
  if (received) lines.push(`received: ${received}`);
  return lines.join("\n");
}

/** An error, in its panel: what, expected, received, try again. The rest of the tab goes on. */
export function problem(error: unknown, again: () => void): TemplateResult {
  const { what, expected, received } = error as Told;
  return html`<div class="card alarm" role="alert">
    <h3 class="row">${icon("alarm")}<span>${what ?? "This cannot be shown"}</span></h3>
    ${expected ? html`<p>Expected ${expected}.</p>` : nothing}
    <p>${received ? `Received ${received}.` : what ? nothing : String(error)}</p>
    <div class="row">
      <button class="control" @click=${again}>Try again</button>
      <button class="control" @click=${() => void copy(details(error))}>Copy details</button>
    </div>
  </div>`;
}

/** Several errors, the same words but once. */
export function problems(errors: readonly unknown[], again: () => void): TemplateResult[] {
  return [...new Map(errors.map((error) => [details(error), error])).values()].map((error) => problem(error, again));
}

/** Keeps the place of what is on its way; it can be seen after 300 ms. */
export const skeleton = (height: number): TemplateResult =>
  html`<div class="skeleton" style="height: ${height}px" aria-busy="true"></div>`;

export const note = (title: string, text: string, kind: "" | "warn" | "note" = ""): TemplateResult =>
  html`<div class="card ${kind}">
    <h3 class="row">${kind === "warn" ? icon("alarm") : nothing}<span>${title}</span></h3>
    <p>${text}</p>
  </div>`;

/** Put text on the clipboard, also where the browser lets only the outer page (or nobody) do so. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
