/**
 * `<explain-method-help>`: what a method answers, its formula, where it misleads, its source, and what it was called with.
 *
 * @property name     as in its tags
 * @property heading  its title
 * @property method   what the manifest says of it
 * @fires close
 */
import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ManifestMethod } from "../api";
import "../elements/words_dialog";
import type { Said } from "../elements/words_dialog";
import { words } from "../format";
import { methodHelp } from "../methods";

@customElement("explain-method-help")
export class MethodHelpDialog extends LitElement {
  @property() name = "";
  @property() heading = "";
  @property({ attribute: false }) method: ManifestMethod | undefined;

  protected override render() {
    const help = methodHelp(this.name);
    const rows: Said[] = help
      ? [
          ["Answers", help.answers],
          ["Formula", html`<code>${help.formula}</code>`],
          ["Mind", help.pitfall],
          ["Source", help.source],
        ]
      : [["Source", "a function of your own, given to Explain(methods=…)"]];
    const { parameters = {}, score = "", unit = "", signed = true } = this.method ?? {};
    const said: Said[] = [
      ["Score", words(score).toLowerCase().replace("log odds", "log-odds")],
      ["Unit", unit],
      ["Sign", signed ? "values speak for or against the label" : "none: values count from zero"],
      ...Object.entries(parameters).map(([name, value]): Said => [words(name), value]),
    ];
    return html`<explain-words .heading=${this.heading} .rows=${[...rows, ...(this.method ? said : [])]}
      @close=${() => this.dispatchEvent(new Event("close"))}></explain-words>`;
  }
}
