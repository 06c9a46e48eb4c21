/** The views in the order of their tabs. The script of each is fetched when it is first opened, or before, when nothing else is to do. */
import { html } from "lit";
import type { View } from "./view";

export const views: readonly View[] = [
  {
    id: "overview",
    title: "Overview",
    help: "What happened, and when?",
    key: "1",
    needs: [],
    fetchScript: () => import("./overview"),
    render: () => html`<explain-overview></explain-overview>`,
  },
  {
    id: "samples",
    title: "Samples",
    help: "What does it look at, and how has that changed?",
    key: "2",
    needs: ["attribution"],
    fetchScript: () => import("./samples"),
    render: () => html`<explain-samples></explain-samples>`,
  },
  {
    id: "features",
    title: "Features",
    help: "Which features matter, and since when?",
    key: "3",
    needs: ["importance"],
    fetchScript: () => import("./features"),
    render: () => html`<explain-features></explain-features>`,
  },
  {
    id: "layers",
    title: "Layers",
    help: "What happens inside?",
    key: "4",
    needs: ["health"],
    adds: `from tb_explain_plugin.callbacks import ActivationHistograms

model.fit(x, y, callbacks=[
    ActivationHistograms("logs/run1", probe=(x_val, y_val)),
])`,
    fetchScript: () => import("./layers"),
    render: () => html`<explain-layers></explain-layers>`,
  },
  {
    id: "compare",
    title: "Compare",
    help: "How do two runs or two epochs differ?",
    key: "5",
    needs: ["attribution"],
    fetchScript: () => import("./compare"),
    render: () => html`<explain-compare></explain-compare>`,
  },
  {
    id: "model",
    title: "Model",
    help: "What has it learned as a whole?",
    key: "6",
    needs: [["embedding", "boundary", "surrogate"]],
    adds: `from tb_explain_plugin.callbacks import Explain

model.fit(x, y, callbacks=[
    Explain("logs/run1", probe=(x_val, y_val), methods=[
        "integrated_gradients", "embedding_projection",
        "decision_boundary", "surrogate_tree", "surrogate_linear",
    ]),
])`,
    fetchScript: () => import("./model"),
    render: () => html`<explain-model></explain-model>`,
  },
];
