/**
 * `<explain-figure-menu>`: what can be done with a figure: take it along as picture or data, and what the figure itself offers.
 * The picture is of the nearest `section` around the menu, else of the element that the menu stands in.
 *
 * @property figure    its name, and its data as a function
 * @property switches  what can be turned on and off
 * @property tight     without room of its own: it lies over what stands before it, and is seen while the figure is pointed at
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { contextOf, csvOf, type Figure, fileName, jsonOf, save, UNITS } from "../downloads";
import { capital } from "../format";
import { store } from "../state";
import { base } from "../styles";
import { palette } from "../theme";
import { icon } from "./icons";
import { paintFigure } from "./picture";

export interface Switch {
  label: string;
  on: boolean;
  set(on: boolean): void;
}

/** What a figure can be taken along as. */
const FORMATS: readonly {
  title: string;
  told?: string;
  file(figure: Figure, root: Element): Promise<[ending: string, Blob]>;
}[] = [
  {
    title: "Picture (PNG)",
    file: async ({ key, alone }, root) => {
      const { run, epoch } = contextOf(store.state);
      const undo = await alone?.();
      const note = `${run}, ${epoch === "start" ? epoch : `epoch ${epoch}`}`;
      try {
        return ["png", await paintFigure(root, palette(), note, key?.() ?? [])];
      } finally {
        undo?.();
      }
    },
  },
  {
    title: "Data (CSV)",
    told: capital(UNITS),
    file: async ({ data }) => ["csv", new Blob([csvOf(data())], { type: "text/csv" })],
  },
  {
    title: "Data (JSON)",
    told: capital(UNITS),
    file: async ({ name, data }) => [
      "json",
      new Blob([jsonOf(data(), name, contextOf(store.state))], { type: "application/json" }),
    ],
  },
];

@customElement("explain-figure-menu")
export class FigureMenu extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: inline-block; flex: none; align-self: center; width: 20px; height: 16px; vertical-align: text-bottom; }
      :host([tight]) { position: relative; width: 0; margin-left: -8px; }
      :host([tight]) .opens-menu { position: absolute; right: 0; background: var(--bg); }
      .opens-menu { display: grid; place-items: center; width: 20px; height: 16px; padding: 0; border: 0; border-radius: 3px; background: none; color: var(--ink3); cursor: pointer; }
      .opens-menu:hover, .opens-menu[aria-expanded="true"] { background: var(--sunk); color: var(--ink); }
      .opens-menu:focus-visible { outline-offset: -1px; }
      [popover] {
        position: fixed; margin: 0; padding: 4px; border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); color: var(--ink);
        box-shadow: 0 4px 12px rgb(20 30 50 / .14);
      }
      [role^="menuitem"] {
        display: flex; align-items: center; gap: 6px; width: 100%; height: 26px; padding: 0 12px 0 6px; border: 0; border-radius: 3px;
        background: none; text-align: left; white-space: nowrap; cursor: pointer;
      }
      [role^="menuitem"]:hover, [role^="menuitem"]:focus-visible { background: var(--sunk); }
      [role^="menuitem"]:focus-visible { outline-offset: -2px; }
      .mark { width: 16px; height: 16px; }
      p { padding: 4px 6px; color: var(--alarm); max-width: 240px; }
    `,
  ];

  @property({ attribute: false }) figure!: Figure;
  @property({ attribute: false }) switches: readonly Switch[] = [];
  @state() private open = false;
  @state() private failure = "";
  @query("[popover]") private menu!: HTMLElement;
  @query(".opens-menu") private button!: HTMLButtonElement;

  protected override render() {
    const { name } = this.figure;
    return html`
      <button class="opens-menu" aria-haspopup="menu" aria-expanded=${this.open ? "true" : "false"} title="Download, and more"
        aria-label=${`Menu of ${name}`} @click=${this.show}>${icon("more")}</button>
      <div popover role="menu" aria-label=${name} @beforetoggle=${this.toggles} @keydown=${this.key}>
        ${
          this.open
            ? html`${this.switches.map(
                ({
                  label,
                  on,
                  set,
                }) => html`<button role="menuitemcheckbox" aria-checked=${on ? "true" : "false"} tabindex="-1"
                  @click=${() => {
                    this.menu.hidePopover();
                    set(!on);
                  }}><span class="mark">${on ? icon("check") : nothing}</span>${label}</button>`,
              )}
              ${FORMATS.map(
                (
                  format,
                ) => html`<button role="menuitem" tabindex="-1" title=${format.told ?? nothing} @click=${() => void this.download(format)}>
                  <span class="mark"></span>${format.title}</button>`,
              )}`
            : nothing
        }
        ${this.failure ? html`<p role="alert">${this.failure}</p>` : nothing}
      </div>`;
  }

  private async show(): Promise<void> {
    this.open = true;
    this.failure = "";
    await this.updateComplete;
    this.menu.showPopover();
    const { left, right, bottom, top } = this.button.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.menu;
    const [x, y] = [left + offsetWidth > innerWidth ? right - offsetWidth : left, bottom + 4];
    const above = y + offsetHeight > innerHeight ? top - 4 - offsetHeight : y;
    Object.assign(this.menu.style, { left: `${Math.max(0, x)}px`, top: `${Math.max(0, above)}px` });
    this.items[0]?.focus();
  }

  private get items(): HTMLElement[] {
    return [...this.menu.querySelectorAll<HTMLElement>("button")];
  }

  /** Before and not after: what has been hidden would keep the focus until the next frame, and take the next key. */
  private toggles({ newState }: ToggleEvent): void {
    this.open = newState === "open";
    // What had the focus is gone, unless somebody else has taken it.
    const lost = this.shadowRoot?.activeElement !== null || document.activeElement === document.body;
    if (!this.open && lost) this.button.focus();
  }

  /** The keys of a menu are not those of the tab. */
  private key(event: KeyboardEvent): void {
    event.stopPropagation();
    const { items } = this;
    const at = items.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) {
      if (event.key === "Tab") this.menu.hidePopover();
      return;
    }
    event.preventDefault(); // would scroll
    items[(to + items.length) % items.length]?.focus();
  }

  private async download({ file }: (typeof FORMATS)[number]): Promise<void> {
    const root = this.closest("section") ?? (this.getRootNode() as ShadowRoot).host;
    try {
      const [ending, content] = await file(this.figure, root);
      save(fileName(this.figure.name, contextOf(store.state), ending), content);
      this.menu.hidePopover();
    } catch (error) {
      this.failure = `This figure could not be saved: ${error instanceof Error ? error.message : error}`;
    }
  }
}

/** The menu of a figure. */
export const figureMenu = (
  name: string,
  data: Figure["data"],
  { tight = false, switches = [] }: { tight?: boolean; switches?: readonly Switch[] } = {},
) => html`<explain-figure-menu ?tight=${tight} .figure=${{ name, data }} .switches=${switches}></explain-figure-menu>`;

declare global {
  interface HTMLElementTagNameMap {
    "explain-figure-menu": FigureMenu;
  }
}
