// Times one live update in the page. Called with what the bench prepared; returns milliseconds.
async ({ patch, usual, rounds }) => {
  const { applyPatch } = await import("/assets/twin/reduce.mjs");
  const { map, store } = globalThis.twin;
  store.stop();
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const pause = () => new Promise((done) => setTimeout(done, 20));

  // each clock tick of the browser is coarse, so several updates are timed together
  const time = async (step, times) => {
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      await pause();
      const began = performance.now();
      for (let k = 0; k < times; k++) step();
      taken.push((performance.now() - began) / times);
    }
    return median(taken);
  };

  let layers = store.layers;
  const ours = await time(() => {
    const { layers: next, changed } = applyPatch(layers, JSON.parse(patch));
    layers = next;
    map.patchRows(next, changed);
  }, 20);

  const { bytes, buffer } = map.colours.devices;
  const limit = await time(() => {
    const { c } = JSON.parse(patch);
    let at = 0;
    for (const id in c.devices) {
      bytes[at] ^= c.devices[id].t & 1;
      at += 40;
    }
    buffer.write(bytes);
    map.deckgl.layerManager.setNeedsRedraw("bench");
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
  const dash = await time(() => {
    const { layers: specs } = converter.convert(JSON.parse(usual));
    other.setProps({ layers: specs });
    other.layerManager.updateLayers();
  }, 1);
  other.finalize();
  return { ours, limit, dash };
}
