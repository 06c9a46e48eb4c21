// What is wrong with the layout of this page, to the eye: a list of { kind, text, where }. Shadow roots are looked into; texts of canvases
// are those that drawn_texts.js kept. A value of this file is a function.
() => {
  const found = [];
  const SLACK = 1.5; // pixels that rounding may cost
  const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const ancestors = function* (element) {
    for (let at = element; at; at = parentOf(at)) yield at;
  };
  const name = (element) => {
    const own = (at) => at.localName + (at.id ? `#${at.id}` : [...at.classList].map((part) => `.${part}`).join(""));
    return [...ancestors(element)].filter((at) => at === element || at.localName.includes("-")).reverse().map(own).join(" ");
  };
  const report = (kind, element, text = "") => found.push({ kind, text: text.replace(/\s+/g, " ").trim().slice(0, 120), where: name(element) });
  const boxOf = ({ left, top, right, bottom }) => ({ left, top, right, bottom });
  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  const isEmpty = ({ left, top, right, bottom }) => right - left < 1 || bottom - top < 1;
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };

  function* elementsIn(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* elementsIn(element.shadowRoot);
    }
  }
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  /** For screen readers alone: clipped to nothing. */
  const unseen = (element) => [...ancestors(element)].some((at) => at.matches(".unseen, option"));
  const elements = [...elementsIn(document)].filter((element) => seen(element) && !unseen(element));
  const top = elements.findLast((element) => element.matches("dialog[open]"));

  // Where a box can be seen: what hides the rest for good, and what can be scrolled to it.
  function visiblePart(element, box) {
    let part = box;
    const clippedBy = { x: null, y: null };
    for (const at of ancestors(element)) {
      if (isEmpty(part) || at === document.documentElement || at === document.body) break;
      const style = getComputedStyle(at);
      const frame = boxOf(at.getBoundingClientRect());
      for (const [axis, before, after] of [["x", "left", "right"], ["y", "top", "bottom"]]) {
        const overflow = axis === "x" ? style.overflowX : style.overflowY;
        if (overflow === "visible" || style.display === "inline" || style.display === "contents") continue;
        const outside = part[before] < frame[before] - SLACK || part[after] > frame[after] + SLACK;
        if (outside && (overflow === "hidden" || overflow === "clip")) clippedBy[axis] ??= at;
        const limits = { [before]: Math.max(part[before], frame[before]), [after]: Math.min(part[after], frame[after]) };
        part = { ...part, ...limits };
      }
      if (style.position === "fixed" || at.matches(":popover-open, dialog[open]")) break;
    }
    return { part, clippedBy };
  }

  const words = (text) => text.replace(/\s+/g, " ").trim();
  /** Whether the whole text is said where the pointer rests on it. */
  function told(element, text) {
    element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, composed: true }));
    return [...ancestors(element)].some((at) => words(at.getAttribute("title") ?? "").includes(words(text)));
  }

  // ---------------------------------------------------------------- texts: clipped, beyond the page, over each other
  const texts = [];
  for (const element of elements) {
    if (element.matches("style, script, title, select")) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      let [clipped, beyond] = [false, false];
      for (const line of range.getClientRects()) {
        if (line.width < 1) continue;
        // Fonts are higher than their letters: what is left is about from the capitals to the baseline.
        const letters = { left: line.left, right: line.right, top: line.top + line.height * 0.2, bottom: line.bottom - line.height * 0.2 };
        const { part, clippedBy } = visiblePart(element, letters);
        clipped ||= Boolean(clippedBy.x ?? clippedBy.y);
        const shown = meet(part, screen);
        if (isEmpty(part)) continue;
        beyond ||= part.left < -SLACK || part.right > innerWidth + SLACK || part.top < -SLACK || part.bottom > innerHeight + SLACK;
        if (!isEmpty(shown)) texts.push({ element, text: node.data, ...shown });
      }
      if (clipped && !told(element, node.data)) report("clipped", element, node.data);
      if (beyond) report("beyond the page", element, node.data);
    }
  }
  for (const canvas of elements) {
    if (!canvas.drawnTexts?.length) continue;
    const frame = canvas.getBoundingClientRect();
    const [wide, high] = [frame.width / canvas.width, frame.height / canvas.height];
    for (const { text, ...drawn } of canvas.drawnTexts) {
      const cut = drawn.left < -SLACK || drawn.right > canvas.width + SLACK || drawn.top < -SLACK || drawn.bottom > canvas.height + SLACK;
      if (cut) report("clipped", canvas, text);
      const box = {
        left: frame.left + drawn.left * wide, right: frame.left + drawn.right * wide, top: frame.top + drawn.top * high, bottom: frame.top + drawn.bottom * high,
      };
      const shown = meet(visiblePart(canvas, box).part, screen);
      if (!isEmpty(shown)) texts.push({ element: canvas, text, ...shown });
    }
  }

  const hitAt = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };
  const within = (outer, element) => [...ancestors(element)].includes(outer);
  /** What lies above everything on purpose: what was opened, and what stays while the rest scrolls below it. */
  const above = (element) =>
    [...ancestors(element)].find((at) => {
      const { position } = getComputedStyle(at);
      const drawer = at.matches(".pane") && position === "absolute";
      return drawer || position === "sticky" || at.matches(":popover-open, dialog[open], [role=tooltip]");
    }) ?? null;
  /** Whether nothing is left of a text under another's own background. */
  const hides = (upper, lower) => {
    const colour = getComputedStyle(upper.element).backgroundColor;
    const box = upper.element.getBoundingClientRect();
    const covers = box.left <= lower.left + 1 && box.right >= lower.right - 1 && box.top <= lower.top + 1 && box.bottom >= lower.bottom - 1;
    const hit = hitAt((lower.left + lower.right) / 2, (lower.top + lower.bottom) / 2);
    return upper.element !== lower.element && /^rgb\(/.test(colour) && covers && within(upper.element, hit);
  };
  texts.sort((a, b) => a.top - b.top);
  texts.forEach((a, at) => {
    for (const b of texts.slice(at + 1)) {
      if (b.top >= a.bottom) break;
      const both = meet(a, b);
      if (both.right - both.left < 2 || both.bottom - both.top < 2) continue;
      const again = a.element.localName !== "canvas" || Math.abs(a.left - b.left) + Math.abs(a.top - b.top) < 4;
      if (a.element === b.element && a.text === b.text && again) continue; // lines of one text, or the same drawn bold
      if (above(a.element) !== above(b.element) || hides(a, b) || hides(b, a)) continue;
      report("overlap", a.element, `${a.text} | ${b.text}`);
    }
  });

  // ---------------------------------------------------------------- boxes: beyond the page, scrolled sideways, covered, blank
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) {
    report("page scrolls", root, `${root.scrollWidth} x ${root.scrollHeight} in ${innerWidth} x ${innerHeight}`);
  }
  for (const element of elements) {
    const { overflowX } = getComputedStyle(element);
    if (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1) {
      report("scrolls sideways", element, `${element.scrollWidth} in ${element.clientWidth}`);
    }
    const control = element.matches("button, a[href], input, select, summary, [role=slider], [role=tab], [role=checkbox], [tabindex='0']");
    const canvas = element.localName === "canvas";
    if (!control && !canvas) continue;
    const box = boxOf(element.getBoundingClientRect());
    if (isEmpty(box)) continue;
    const { part, clippedBy } = visiblePart(element, box);
    const label = element.getAttribute("aria-label") || element.textContent;
    const half = part.right - part.left < (box.right - box.left) / 2 || part.bottom - part.top < (box.bottom - box.top) / 2;
    if (control && (clippedBy.x ?? clippedBy.y) && (half || !told(element, label))) report("clipped", element, label);
    if (isEmpty(part)) continue;
    if (part.left < -SLACK || part.right > innerWidth + SLACK || part.top < -SLACK || part.bottom > innerHeight + SLACK) report("beyond the page", element, label);
    const [x, y] = [(part.left + part.right) / 2, (part.top + part.bottom) / 2];
    const whole = part.bottom - part.top > (box.bottom - box.top) / 2;
    const small = element.matches("button, a[href], input, select, summary, [role=tab], [role=checkbox]");
    const hit = small && whole && (!top || within(top, element)) && hitAt(x, y);
    if (hit && !within(element, hit) && !within(hit, element) && !within(hit.closest("label") ?? hit, element) && above(hit) === above(element)) {
      report("covered", element, `${label} by ${name(hit)}`);
    }
    if (canvas && element.getContext("2d") && box.right - box.left >= 8 && box.bottom - box.top >= 8 && !isEmpty(meet(part, screen))) {
      const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
      if (!new Uint32Array(data.buffer).some(Boolean)) report("blank", element);
    }
  }
  return found;
}
