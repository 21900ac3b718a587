// Watches a wall for the moments that a person in the room would notice: the sound, the words painted,
// the first frame drawn with another camera. All are epoch seconds.
() => {
  const { map } = globalThis.twin;
  const { deckgl } = map;
  const epoch = () => (performance.timeOrigin + performance.now()) / 1000;
  const watch = globalThis.watch = { number: null, sound: null, words: null, flight: null };
  const MOVED = { longitude: 1e-7, latitude: 1e-7, zoom: 1e-4 }; // the swing of an idle wall only turns

  // what goes to the loudspeakers goes to an analyser too
  const ears = [];
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode) {
      target.context.ear ??= new AnalyserNode(target.context, { fftSize: 2048 });
      if (!ears.includes(target.context.ear)) ears.push(target.context.ear);
      connect.call(this, target.context.ear);
    }
    return connect.call(this, target, ...more);
  };
  const wave = new Float32Array(2048);
  const loud = () => ears.some((ear) => {
    ear.getFloatTimeDomainData(wave);
    return wave.some((sample) => Math.abs(sample) > 0.01);
  });
  setInterval(() => {
    if (watch.armed && !watch.sound && loud()) watch.sound = epoch();
  }, 5);

  const before = deckgl.props.onAfterRender;
  const drawn = () => deckgl.getViewports()[0];
  deckgl.setProps({
    onAfterRender: (...told) => {
      before(...told);
      if (!watch.armed || watch.flight) return;
      const view = drawn();
      if (Object.entries(MOVED).some(([key, by]) => Math.abs(view[key] - watch.view[key]) > by)) {
        watch.flight = epoch();
      }
    },
  });

  const node = document.querySelector(".takeover");
  const look = () => {
    if (watch.armed && !watch.words && !node.hidden && node.querySelector("h2")?.textContent) {
      const paint = new MessageChannel(); // its message comes after the frame was painted
      paint.port1.onmessage = () => { watch.words ??= epoch(); };
      paint.port2.postMessage(null);
    }
    requestAnimationFrame(look);
  };
  look();

  watch.arm = () => {
    const { longitude, latitude, zoom } = drawn();
    Object.assign(watch, { armed: true, sound: null, words: null, flight: null, view: { longitude, latitude, zoom } });
  };
  // resolves once all three were noticed
  watch.all = (waitMs) => new Promise((done) => {
    const until = performance.now() + waitMs;
    const timer = setInterval(() => {
      const { sound, words, flight } = watch;
      if (!(sound && words && flight) && performance.now() < until) return;
      clearInterval(timer);
      watch.armed = false;
      done({ sound, words, flight, number: globalThis.twin.takeover.shown });
    }, 20);
  });
  // calm again, the sound gone, the camera at rest
  watch.calm = async (waitMs) => {
    const until = performance.now() + waitMs;
    let quiet = 0;
    while (quiet < 10) {
      if (performance.now() > until) return false;
      const rests = !globalThis.twin.takeover.shown && !map.camera.moving && !loud();
      quiet = rests ? quiet + 1 : 0;
      await new Promise((done) => setTimeout(done, 50));
    }
    return true;
  };
}
