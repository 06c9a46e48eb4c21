/** `<explain-help>`: the list of keys, over everything until it is closed. */
import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import "../elements/words_dialog";
import type { Said } from "../elements/words_dialog";
import { keyList } from "./keys";

@customElement("explain-help")
export class Help extends LitElement {
  protected override render() {
    return html`<explain-words heading="Keys" .rows=${keyList().map(({ shown, does }): Said => [shown, does])}
      @close=${() => this.dispatchEvent(new Event("close"))}></explain-words>`;
  }
}
