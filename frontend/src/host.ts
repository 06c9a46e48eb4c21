/**
 * TensorBoard around the tab: its theme, its address, its reload button, and whether the tab can be seen.
 *
 * There is no API for the first two, so the page that holds our iframe is watched. Everything is detected: in a page
 * that does not let us see it, the tab is light, keeps its own address and looks for new data by itself.
 */

/** The window whose address people see; our own where the page around us is closed to us. */
export function outerWindow(): Window {
  try {
    void window.parent.location.hash;
    return window.parent;
  } catch {
    return window;
  }
}

/** Tell, now and at every change, whether TensorBoard is dark, or the system's own colours where it forces them on all pages. */
export function watchTheme(tell: (dark: boolean) => void): void {
  const { body } = outerWindow().document;
  const [forced, system] = ["(forced-colors: active)", "(prefers-color-scheme: dark)"].map((query) =>
    matchMedia(query),
  );
  const look = (): void => tell(forced.matches ? system.matches : body.classList.contains("dark-mode"));
  new MutationObserver(look).observe(body, { attributes: true, attributeFilter: ["class"] });
  for (const query of [forced, system]) query.addEventListener("change", look);
  look();
}

/** TensorBoard hides the iframe of a tab that is not open: it then has no size. */
export const canBeSeen = (): boolean => document.visibilityState === "visible" && innerWidth > 0 && innerHeight > 0;

/** Tell, now and at every change, whether the tab can be seen. */
export function watchVisibility(tell: (visible: boolean) => void): void {
  const look = (): void => tell(canBeSeen());
  document.addEventListener("visibilitychange", look);
  addEventListener("resize", look);
  const frame = window.parent === window ? null : window.frameElement;
  // A hidden iframe gets no events of its own, but the page around it sees its size change.
  const Observer = (outerWindow() as Window & typeof globalThis).ResizeObserver;
  if (frame && Observer) new Observer(look).observe(frame);
  look();
}

/** Tell whenever TensorBoard has read its log directory again (its reload button, or every 30 s if so set). */
export function watchReload(tell: () => void): void {
  if (window.parent === window) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    let message: { type?: string; id?: number; isReply?: boolean };
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message.isReply) return;
    // TensorBoard waits for an answer to everything it sends.
    port1.postMessage(
      JSON.stringify({ type: message.type, id: message.id, payload: null, error: null, isReply: true }),
    );
    if (message.type === "experimental.DataReloaded") tell();
  };
  window.parent.postMessage("experimental.bootstrap", "*", [port2]);
}
