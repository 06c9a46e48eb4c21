/** What TensorBoard imports: `render()` fills the tab's page. A throw would leave it blank, so it is caught and shown. */
import { keepAddress } from "./address";
import { watchCutTexts } from "./elements/cut_texts";
import { watchReload, watchTheme, watchVisibility } from "./host";
import { keepFresh, refresh } from "./refresh";
import "./shell/app";
import { store } from "./state";
import { themeSheet } from "./theme";

export function render(): void {
  try {
    start();
  } catch (error) {
    document.body.textContent = `The Explain tab could not start: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

function start(): void {
  document.documentElement.lang = "en";
  document.title = "Explain";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(themeSheet);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  watchTheme((dark) => {
    document.documentElement.classList.toggle("dark", dark);
    store.set({ dark });
  });
  watchVisibility((visible) => store.set({ visible }));
  keepAddress();
  keepFresh();
  watchCutTexts();
  watchReload(() => void refresh());
  document.body.append(document.createElement("explain-app"));
}
