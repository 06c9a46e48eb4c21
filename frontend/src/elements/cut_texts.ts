/**
 * Words that are cut off say all of themselves where the pointer rests on them: nobody knows beforehand how long a name is or how
 * wide a window. What has a title of its own keeps it.
 */

/** So many elements around the pointer are looked at: the word, its line, the cell that cuts it. */
const AROUND = 4;

const ours = new WeakSet<HTMLElement>();

export function watchCutTexts(): void {
  addEventListener("pointerover", (event) => {
    for (const at of event.composedPath().slice(0, AROUND)) if (at instanceof HTMLElement) tell(at);
  });
}

function tell(element: HTMLElement): void {
  if (element.title && !ours.has(element)) return;
  const text = isCut(element) ? wholeText(element) : "";
  if (element.title === text) return;
  ours.add(element);
  element.title = text;
}

function isCut(element: HTMLElement): boolean {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
  const { overflowX, overflowY } = getComputedStyle(element);
  const cuts = (overflow: string) => overflow === "hidden" || overflow === "clip";
  return (cuts(overflowX) && scrollWidth > clientWidth) || (cuts(overflowY) && scrollHeight > clientHeight + 1);
}

/** Of an element and its shadow: words of different elements stand apart. */
export function wholeText(root: Element | ShadowRoot): string {
  const texts: string[] = [];
  const walk = (node: Node): void => {
    if (node instanceof Text) texts.push(node.data);
    else if (node instanceof Element && node.matches("style, script, .unseen, select")) return;
    for (const child of ((node as Element).shadowRoot ?? node).childNodes) walk(child);
  };
  walk(root);
  return texts
    .join(" ")
    .replace(/\s+/g, " ")
    .replace(/ (?=[,;:)]|\.(?: |$))/g, "")
    .trim();
}
