// With "focused": where the focus is, which is marked, and whether a ring shows it; null where nothing has it. Else: names of what can be
// pressed or chosen, but was never marked. Of a list one item is a stop of Tab, arrows reach the others. A value of this file is a function.
async (what) => {
  const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  function* ancestors(element) {
    for (let at = element; at; at = parentOf(at)) yield at;
  }
  function* elementsIn(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* elementsIn(element.shadowRoot);
    }
  }
  const name = (element) => `${element.localName}${[...element.classList].map((part) => `.${part}`).join("")} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40)}`.replace(/\s+/g, " ");
  if (what === "focused") {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // lists draw what is scrolled to
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return null;
    at.dataset.reached = "";
    // The ring may be drawn around what stands for the control, as around the label of an invisible list.
    const ring = [...ancestors(at)].slice(0, 2).some((element) => {
      const { outlineStyle, outlineWidth, opacity } = getComputedStyle(element);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1 && Number(opacity) > 0;
    });
    return { name: name(at), ring };
  }
  const pressed = "button, a[href], input, select, summary, [role=slider], [role=tab], [role=checkbox], [role=option], [role=button]";
  const all = [...elementsIn(document)].filter((element) => element.matches(pressed) && !element.disabled && element.checkVisibility({ visibilityProperty: true }));
  const reached = (element) => "reached" in element.dataset;
  const kind = (element) => `${element.getRootNode().host?.localName} ${element.localName} ${element.getAttribute("role")}`;
  const stops = new Set(all.filter(reached).map(kind));
  return all.filter((element) => !reached(element) && !(element.tabIndex < 0 && stops.has(kind(element)))).map(name);
}
