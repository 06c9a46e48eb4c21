/** `<explain-empty>`: what to add to a training script, and what was found but cannot be shown. */
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { copy } from "../elements/states";
import { store, Watch } from "../state";
import { base } from "../styles";

const SNIPPET = `from tb_explain_plugin.callbacks import Explain

model.fit(x, y, callbacks=[
    Explain("logs/run1", probe=(x_val, y_val)),
    keras.callbacks.TensorBoard("logs/run1"),
])`;

@customElement("explain-empty")
export class Empty extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      pre { margin: 12px 0 0; padding: 16px; border-radius: 3px; background: var(--sunk); overflow-x: auto; line-height: 18px; }
      .card + .card { margin-top: 16px; }
      li { margin-top: 8px; overflow-wrap: anywhere; }
    `,
  ];

  @state() private copied = "";

  constructor() {
    super();
    new Watch(this, ["groups"]);
  }

  protected override render() {
    const skipped = store.state.groups?.skipped ?? [];
    return html`
      <section class="card">
        <h3>No explanations in this log directory yet</h3>
        <p>
          Add the callback next to Keras’ own and train. The first picture is of the untrained model and appears before
          epoch 0.
        </p>
        <pre><code>${SNIPPET}</code></pre>
        <div class="row">
          <button class="control primary" @click=${this.copySnippet}>Copy</button>
          <span class="faint" role="status">${this.copied || "Looks again every 30\u202fs"}</span>
        </div>
      </section>
      ${
        skipped.length
          ? html`<section class="card warn">
              <h3>Found, but not shown</h3>
              <ul>${skipped.map(({ run, reason }) => html`<li><b>${run}</b> <span class="quiet">${reason}</span></li>`)}</ul>
            </section>`
          : nothing
      }
    `;
  }

  private async copySnippet(): Promise<void> {
    this.copied = (await copy(SNIPPET)) ? "Copied" : "The browser does not let us copy; select the text";
  }
}
