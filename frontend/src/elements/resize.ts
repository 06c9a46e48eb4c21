/** Tells of an element's size, first when it comes into the page and then whenever it changes. */
import type { ReactiveControllerHost } from "lit";

export function onResize(
  host: ReactiveControllerHost & Element,
  tell: (size: { width: number; height: number }) => void,
): void {
  const observer = new ResizeObserver(([{ contentRect }]) => tell(contentRect));
  host.addController({
    hostConnected: () => observer.observe(host),
    hostDisconnected: () => observer.disconnect(),
  });
}
