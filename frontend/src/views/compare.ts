import { html } from "lit";
import "../compare/element";
import type { View } from "./view";

export const compare: View = {
  id: "compare",
  title: "Compare",
  help: "How do two runs or two epochs differ?",
  key: "5",
  needs: ["attribution"],
  render: () => html`<explain-compare></explain-compare>`,
};
