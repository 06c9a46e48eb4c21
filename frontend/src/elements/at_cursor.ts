/**
 * `<explain-at-cursor>`: what changes with the cursor, drawn again by itself while all around it stays as it is.
 * It has no box and no styles of its own: what it holds is laid out and styled as if it stood there alone.
 *
 * @property content  what there is to show of the store as it is now
 */
import { LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Watch } from "../state";

@customElement("explain-at-cursor")
export class AtCursor extends LitElement {
  @property({ attribute: false }) content: () => unknown = () => "";
  protected watch = new Watch(this, ["epoch", "against"]);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.style.display = "contents";
  }

  protected override render() {
    return this.content();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-at-cursor": AtCursor;
  }
}
