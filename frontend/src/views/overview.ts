import { html } from "lit";
import "../overview/element";
import type { View } from "./view";

export const overview: View = {
  id: "overview",
  title: "Overview",
  help: "What happened, and when?",
  key: "1",
  needs: [],
  render: () => html`<explain-overview></explain-overview>`,
};
