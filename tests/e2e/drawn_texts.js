// Keeps what canvases write, because their pixels cannot be read back as words: `canvas.drawnTexts` are texts with their boxes in screen
// pixels of the canvas, until something is drawn over all of them. Runs before the page's own scripts.
(() => {
  const texts = (canvas) => (canvas.drawnTexts ??= []);
  const drawing = CanvasRenderingContext2D.prototype;

  /** A box of a context's units in the canvas' pixels. */
  function placed(context, left, top, right, bottom) {
    const matrix = context.getTransform();
    const corners = [[left, top], [right, top], [left, bottom], [right, bottom]].map(([x, y]) => matrix.transformPoint({ x, y }));
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
    return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
  }

  const { fillText, fillRect, clearRect, putImageData, drawImage } = drawing;
  drawing.fillText = function (text, x, y, ...rest) {
    const size = this.measureText(text);
    const box = [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent, x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent];
    if (String(text).trim() && this.globalAlpha > 0) texts(this.canvas).push({ text: String(text), ...placed(this, ...box) });
    return fillText.call(this, text, x, y, ...rest);
  };

  /** Forget the texts of which nothing is left. */
  function cover(canvas, { left, top, right, bottom }) {
    const within = (box) => box.left >= left - 1 && box.right <= right + 1 && box.top >= top - 1 && box.bottom <= bottom + 1;
    if (canvas.drawnTexts) canvas.drawnTexts = canvas.drawnTexts.filter((box) => !within(box));
  }
  const opaque = (context) => context.globalAlpha === 1 && !/^#.{6}(?!ff).{2}$|^rgba|\/ *[.0]/.test(String(context.fillStyle));
  drawing.clearRect = function (x, y, width, height) {
    cover(this.canvas, placed(this, x, y, x + width, y + height));
    return clearRect.call(this, x, y, width, height);
  };
  drawing.fillRect = function (x, y, width, height) {
    if (opaque(this)) cover(this.canvas, placed(this, x, y, x + width, y + height));
    return fillRect.call(this, x, y, width, height);
  };
  drawing.putImageData = function (image, x, y, ...rest) {
    cover(this.canvas, { left: x, top: y, right: x + image.width, bottom: y + image.height });
    return putImageData.call(this, image, x, y, ...rest);
  };
  // A picture that was prepared on another canvas brings its words along.
  drawing.drawImage = function (image, ...at) {
    if (image.drawnTexts?.length && at.length <= 4) {
      const [x, y, width = image.width, height = image.height] = at;
      for (const { text, left, top, right, bottom } of image.drawnTexts) {
        const [wide, high] = [width / image.width, height / image.height];
        texts(this.canvas).push({ text, ...placed(this, x + left * wide, y + top * high, x + right * wide, y + bottom * high) });
      }
    }
    return drawImage.call(this, image, ...at);
  };
  for (const side of ["width", "height"]) {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, side);
    Object.defineProperty(HTMLCanvasElement.prototype, side, {
      configurable: true,
      enumerable: true,
      get,
      set(value) {
        this.drawnTexts = [];
        set.call(this, value);
      },
    });
  }
})();
