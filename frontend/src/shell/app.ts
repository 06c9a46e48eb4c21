/** `<explain-app>`: the frame around the views. It knows none of them by name. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { copy, note, problem, skeleton } from "../elements/states";
import { refresh } from "../refresh";
import { focusRun, runsOf, store, Watch } from "../state";
import { base } from "../styles";
import { tagsOf } from "../tags";
import { openView } from "./amiss";
import "./amiss_bar";
import { type Actions, onKey } from "./keys";
import "./empty";
import "./help";
import { restoreSpeed } from "./playing";
import "./rail";
import "./top_bar";
import "./transport";
import { askAgain, scriptOf } from "./view_scripts";

@customElement("explain-app")
export class App extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        grid-template: "top top" 48px "rail amiss" auto "rail main" minmax(0, 1fr) "transport transport" auto / 224px minmax(0, 1fr);
        height: 100vh;
        background: var(--bg);
      }
      explain-top-bar { grid-area: top; }
      explain-rail { grid-area: rail; }
      explain-amiss { grid-area: amiss; min-width: 0; }
      main { --above: 16px; --beside: 24px; grid-area: main; padding: var(--above) var(--beside) var(--beside); overflow: auto; outline: none; }
      [role="tabpanel"] { display: contents; }
      main.alone { grid-column: 1 / -1; }
      explain-transport { grid-area: transport; }
      .middle { max-width: 560px; margin: 64px auto; }
      .middle pre { margin: 12px 0; padding: 16px; border-radius: 3px; background: var(--sunk); overflow-x: auto; line-height: 18px; }
      .skeletons { display: grid; gap: 24px; }
      @media (max-width: 1199px) {
        :host { grid-template-columns: 56px minmax(0, 1fr); }
      }
      @media (max-width: 639px) {
        main { --above: 12px; --beside: 12px; }
      }
    `,
  ];

  @state() private help = false;

  private actions: Actions = {
    toggleHelp: (open) => {
      this.help = open ?? !this.help;
    },
    find: () => {
      // The view's own search first, else the list of runs.
      const view = this.renderRoot.querySelector("[role=tabpanel]")?.firstElementChild?.shadowRoot;
      const rail = this.renderRoot.querySelector("explain-rail")?.shadowRoot;
      const boxes = [view, rail].map((root) => root?.querySelector<HTMLInputElement>("input[type=search]"));
      boxes.find(Boolean)?.focus();
    },
  };
  private key = (event: KeyboardEvent): void => onKey(event, this.actions);

  constructor() {
    super();
    new Watch(this, ["view", "groups", "failure", "focus", "manifests"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.key);
    restoreSpeed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.key);
  }

  protected override render() {
    const any = runsOf(store.state).length > 0;
    return html`
      <explain-top-bar role="banner" @help=${() => this.actions.toggleHelp()}></explain-top-bar>
      ${any ? html`<explain-rail role="complementary" aria-label="Runs and method"></explain-rail>` : nothing}
      <explain-amiss></explain-amiss>
      <main class=${any ? "" : "alone"} tabindex="-1">
        <div role="tabpanel" aria-label=${openView(store.state).title}>${this.content(any)}</div>
      </main>
      ${any ? html`<explain-transport role="region" aria-label="Epoch"></explain-transport>` : nothing}
      ${this.help ? html`<explain-help @close=${() => this.actions.toggleHelp(false)}></explain-help>` : nothing}
    `;
  }

  private content(any: boolean): TemplateResult {
    const { state } = store;
    const view = openView(state);
    const changed = () => this.requestUpdate();
    const script = scriptOf(view, changed); // at once, beside the first answers
    if (!state.groups) {
      if (state.failure) return html`<div class="middle">${problem(state.failure, () => void refresh())}</div>`;
      return this.skeletons;
    }
    if (!any) return html`<explain-empty class="middle"></explain-empty>`;
    const run = focusRun(state);
    const missing = view.needs
      .map((need) => [need].flat())
      .filter((kinds) => run && kinds.every((kind) => tagsOf(run, kind).length === 0))
      .map((kinds) => kinds.join(" or "));
    if (missing.length) {
      const { adds } = view;
      const where = adds ? "This logs it" : "The callbacks that log it, and how to add them, are in the README";
      const text = `${view.title} shows ${missing.join(" and ")}, which ${run?.label} has not logged. ${where}; what is logged later appears here.`;
      return html`<div class="middle">${note("Nothing of this kind in this run", text)}
        ${adds ? html`<pre><code>${adds}</code></pre><button class="control" @click=${() => void copy(adds)}>Copy</button>` : nothing}
      </div>`;
    }
    if (script.failure) {
      const again = () => askAgain(view) && changed();
      return html`<div class="middle">${problem(script.failure, again)}</div>`;
    }
    return script.here ? view.render() : this.skeletons;
  }

  private readonly skeletons = html`<div class="skeletons">${skeleton(48)}${skeleton(360)}${skeleton(200)}</div>`;
}
