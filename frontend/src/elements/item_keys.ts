/**
 * Keys of a list of things: J and K for the next and the previous, Escape to close. Ignored while typing.
 * Of such a list only the chosen item (or the first) is a stop of the Tab key: what lies behind it stays within reach.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export interface ItemKeys {
  move(by: 1 | -1): void;
  close?(): void;
}

/** A dialog has keys of its own: Escape closes it alone. */
const isInDialog = (event: KeyboardEvent): boolean =>
  event.composedPath().some((target) => target instanceof HTMLDialogElement);

const isTyping = (event: KeyboardEvent): boolean => {
  const [target] = event.composedPath();
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
};

/** Let the focus follow from the item that has it to the one that was chosen instead; `items` selects all of them. */
export function followChoice(root: Node, items: string, chosen: HTMLElement | null): void {
  const held = root instanceof ShadowRoot ? root.activeElement : null;
  if (held?.matches(items) && held !== chosen) chosen?.focus();
}

/** Listens while its host is in the page. */
export function itemKeys(host: ReactiveControllerHost, keys: ItemKeys): ReactiveController {
  const press = (event: KeyboardEvent): void => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.defaultPrevented ||
      isTyping(event) ||
      isInDialog(event)
    )
      return;
    if (event.key === "j" || event.key === "J") keys.move(1);
    else if (event.key === "k" || event.key === "K") keys.move(-1);
    else if (event.key === "Escape" && keys.close) keys.close();
    else return;
    event.preventDefault();
  };
  const controller: ReactiveController = {
    hostConnected: () => window.addEventListener("keydown", press),
    hostDisconnected: () => window.removeEventListener("keydown", press),
  };
  host.addController(controller);
  return controller;
}
