/** How a view declares itself. The shell knows no view by name: it reads the list in index.ts. */
import type { TemplateResult } from "lit";

/** What a run must have logged for a view to have anything to show; the kinds are those of tags. */
export type Need =
  | "attribution"
  | "importance"
  | "activation"
  | "health"
  | "inputs"
  | "predictions"
  | "embedding"
  | "boundary"
  | "surrogate";

export interface View {
  /** As in the address: `p.explain.view=<id>`. */
  id: string;
  /** On the tab. */
  title: string;
  /** The question the view answers, for the list of keys and the tab's tooltip. */
  help: string;
  /** The digit that opens it. */
  key: string;
  /** Without one of each, the shell says what is missing instead of opening the view. Of a list within, any is enough. */
  needs: readonly (Need | readonly Need[])[];
  /** What to add to a training script so that it logs them. */
  adds?: string;
  /** Fetches the script that defines the view's element. */
  fetchScript(): Promise<unknown>;
  /** The view's element; it exists only while it is open. */
  render(): TemplateResult;
}
