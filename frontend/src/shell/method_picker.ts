/**
 * `<explain-method-picker>`: by which method samples are explained, and what that method is.
 *
 * @property compact  whether it stands in a bar, where a run without methods needs no words
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { leave } from "../elements/controls";
import { icon } from "../elements/icons";
import { distinctTitle, methodHelp } from "../methods";
import { focusManifest, focusMethod, focusRun, methodsOf, shownMethod, store, Watch } from "../state";
import { base } from "../styles";
import "./method_help";

@customElement("explain-method-picker")
export class MethodPicker extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; }
      .both { display: flex; align-items: center; gap: 4px; }
      .opens { flex: 1; min-width: 0; }
      select {
        width: 100%; height: 28px; padding: 0 24px 0 8px; border: 1px solid var(--line2); border-radius: 6px;
        background: var(--bg); font-weight: 500; text-overflow: ellipsis;
      }
      .icon { flex: none; }
    `,
  ];

  @property({ type: Boolean }) compact = false;
  @state() private open = false;

  constructor() {
    super();
    new Watch(this, ["groups", "focus", "method", "manifests"]);
  }

  protected override render() {
    const run = focusRun(store.state);
    const names = run ? methodsOf(store.state, run) : [];
    const chosen = shownMethod(store.state);
    if (!run || chosen === undefined) {
      return this.compact ? nothing : html`<p class="faint">No attributions of single samples in this run.</p>`;
    }
    const methods = focusManifest(store.state)?.methods ?? [];
    const title = (name: string) => distinctTitle(name, methods);
    const lacking = names.includes(chosen) ? [] : [chosen];
    return html`<div class="both">
        <span class="opens"><select aria-label="Explained by" title=${methodHelp(chosen)?.answers ?? title(chosen)} .value=${chosen} @change=${this.choose}>
          ${lacking.map((name) => html`<option value=${name} selected disabled>${title(name)}, not in this run</option>`)}
          ${names.map((name) => html`<option value=${name} ?selected=${name === chosen}>${title(name)}</option>`)}
        </select></span>
        <button class="icon" aria-label=${`What is ${title(chosen)}?`} title="What this method answers, and where it misleads"
          @click=${() => this.show(true)}>${icon("help")}</button>
      </div>
      ${
        this.open
          ? html`<explain-method-help .name=${chosen} .heading=${title(chosen)} .method=${focusMethod(store.state)}
              @close=${() => this.show(false)}></explain-method-help>`
          : nothing
      }`;
  }

  private show(open: boolean): void {
    this.open = open;
  }

  private choose(event: Event): void {
    const select = event.target as HTMLSelectElement;
    store.set({ method: select.value }, { push: true });
    leave(select);
  }
}
