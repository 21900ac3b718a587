// Times one live update in the page. Called with what the bench prepared; returns milliseconds.
async ({ patches, usual, rounds }) => {
  const { applyPatch } = await import("/assets/twin/reduce.mjs");
  const { map, store } = globalThis.twin;
  store.stop();
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const pause = () => new Promise((done) => setTimeout(done, 20));

  // each clock tick of the browser is coarse, so several updates are timed together; what is
  // compared is timed in turn, after a warm-up, so that both meet the same machine
  const time = async (steps, times, { warm = 8 } = {}) => {
    const taken = Object.fromEntries(Object.keys(steps).map((name) => [name, []]));
    for (let round = -warm; round < rounds; round++) {
      for (const [name, step] of Object.entries(steps)) {
        await pause();
        const began = performance.now();
        for (let k = 0; k < times; k++) step();
        if (round >= 0) taken[name].push((performance.now() - began) / times);
      }
    }
    return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
  };

  let layers = store.layers;
  // two patches in turn, so that every mark looks other than before and is written
  let turn = 0;
  const nextPatch = () => JSON.parse(patches[turn++ % 2]);
  const { bytes, buffer } = map.colours.devices;
  const { ours, limit } = await time({
    ours() {
      const { layers: next, changed } = applyPatch(layers, nextPatch());
      layers = next;
      map.patchRows(next, changed);
    },
    limit() {
      const { c } = nextPatch();
      let at = 0;
      for (const id in c.devices) {
        bytes[at] ^= 1 + (c.devices[id].t & 1);
        at += 40;
      }
      buffer.write(bytes);
      map.deckgl.layerManager.setNeedsRedraw("bench");
    },
  }, 20);

  if (!usual) return { ours, limit };
  const { deck } = globalThis;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  document.body.append(canvas);
  const other = new deck.Deck({
    canvas, width: 64, height: 64, views: new deck.MapView(), controller: false, layers: [],
    initialViewState: { longitude: 119.3, latitude: 26.08, zoom: 15 },
  });
  await new Promise((done) => {
    const wait = () => (other.layerManager ? done() : setTimeout(wait, 20));
    wait();
  });
  const converter = new deck.JSONConverter({
    configuration: {
      classes: { PolygonLayer: deck.PolygonLayer, ScatterplotLayer: deck.ScatterplotLayer },
    },
  });
  const { dash } = await time({
    dash() {
      const { layers: specs } = converter.convert(JSON.parse(usual));
      other.setProps({ layers: specs });
      other.layerManager.updateLayers();
    },
  }, 1, { warm: 1 });
  other.finalize();
  return { ours, limit, dash };
}
