// Watches the tab from inside: put into every frame of the page before its own scripts.
(() => {
  const watched = { clicked: 0, firstCurve: 0, frames: [], longTasks: [], viewShown: 0, viewReady: 0 };
  window.watched = watched;
  const now = () => performance.timeOrigin + performance.now();

  // To be called in an animation frame: what is posted there is delivered once the frame has been laid out and painted.
  const afterPaint = (tell) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => tell();
    port2.postMessage(0);
  };

  const find = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const element of root.querySelectorAll("*")) {
      const inside = element.shadowRoot && find(element.shadowRoot, selector);
      if (inside) return inside;
    }
    return null;
  };

  addEventListener("click", (event) => { watched.clicked = performance.timeOrigin + event.timeStamp; }, true);

  // Of what a chart strokes, limits and the curves of training are dashed; grids are filled.
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    stroke.apply(this, path);
    if (this.canvas.matches(".curves") && this.getLineDash().length === 0) {
      CanvasRenderingContext2D.prototype.stroke = stroke;
      requestAnimationFrame(() => afterPaint(() => { watched.firstCurve = now(); }));
    }
  };

  let recording = false;
  new PerformanceObserver((list) => {
    if (recording) watched.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });

  const slider = () => find(document, "[role=slider][aria-label=Epoch]");
  watched.epoch = () => Number(slider()?.getAttribute("aria-valuenow") ?? Number.NaN);
  watched.busy = () => find(document, "[aria-busy=true]") !== null;

  watched.record = () => {
    const track = slider();
    Object.assign(watched, { frames: [], longTasks: [] });
    recording = true;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => { watched.frames[data][2] = performance.now() - watched.frames[data][0]; };
    const look = (time) => {
      if (!recording) return;
      port2.postMessage(watched.frames.push([time, Number(track.getAttribute("aria-valuenow")), 0]) - 1);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };

  watched.stop = () => {
    recording = false;
    return { frames: watched.frames, longTasks: watched.longTasks };
  };

  // From the click on a view's tab to its first picture, and to the first in which nothing says that it is loading.
  watched.awaitView = () => {
    const panel = find(document, "[role=tabpanel]");
    const before = panel.firstElementChild;
    Object.assign(watched, { viewShown: 0, viewReady: 0 });
    let seen = false;
    const look = () => {
      const shown = panel.firstElementChild !== before;
      if (shown && !seen) afterPaint(() => { watched.viewShown = now(); });
      seen = shown;
      if (shown && !find(panel, "[aria-busy=true]")) afterPaint(() => { watched.viewReady = now(); });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };
})();
