// Watches one mark on the drawn canvas: after every frame its middle pixel is read back from the GPU
// and the moment is kept at which it first had another colour.
({ layer, id }) => {
  const { map } = globalThis.twin;
  const { deckgl } = map;
  const { gl } = deckgl.device;
  const pixel = new Uint8Array(4);
  const before = deckgl.props.onAfterRender;
  const watch = globalThis.watch = { red: null, changes: [], frames: 0, readMs: 0, waiting: null };
  deckgl.setProps({
    onAfterRender: (...told) => {
      before(...told);
      const began = performance.now();
      const at = map.project(...map.locate(layer, id));
      const scale = gl.drawingBufferWidth / map.canvas.clientWidth;
      const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
      gl.readPixels(Math.round(at[0] * scale), gl.drawingBufferHeight - 1 - Math.round(at[1] * scale),
        1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
      const red = pixel[0] - pixel[2] > 80;
      const now = performance.timeOrigin + performance.now();
      watch.frames++;
      watch.readMs += performance.now() - began;
      watch.last = [...pixel];
      if (red === watch.red) return;
      watch.red = red;
      if (watch.waiting?.red === red) watch.waiting.seen(now / 1000);
    },
  });
  // resolves to epoch seconds at which the mark is red, or is not
  watch.until = (red, waitMs) => new Promise((seen) => {
    watch.waiting = { red, seen };
    setTimeout(() => seen(null), waitMs);
  });
  deckgl.redraw("bench");
  return watch.red;
}
