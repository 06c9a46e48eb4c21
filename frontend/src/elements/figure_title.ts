/**
 * `<explain-figure-title>`: a figure's title; pressed, it tells what the figure means.
 *
 * @property heading  the title
 * @property help     what is told
 */
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { base } from "../styles";
import { type FigureHelp, saidOf } from "./words_dialog";
import "./words_dialog";

@customElement("explain-figure-title")
export class FigureTitle extends LitElement {
  static override styles = [
    base,
    css`
      :host { display: block; flex: none; font-size: 13px; line-height: 20px; font-weight: 600; }
      h2 { font: inherit; }
      button { padding: 0; border: 0; background: none; font: inherit; cursor: help; }
      button:hover { text-decoration: underline dotted; text-underline-offset: 3px; }
    `,
  ];

  @property() heading = "";
  @property({ attribute: false }) help!: FigureHelp;
  @state() private helping = false;

  protected override render() {
    const tell = (helping: boolean) => () => {
      this.helping = helping;
    };
    return html`<h2><button aria-haspopup="dialog" title=${`${this.heading}: what this means`} @click=${tell(true)}>${this.heading}</button></h2>
      ${this.helping ? html`<explain-words .heading=${this.heading} .rows=${saidOf(this.help)} @close=${tell(false)}></explain-words>` : nothing}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-figure-title": FigureTitle;
  }
}
