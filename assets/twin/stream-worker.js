// SharedWorker: one event stream a browser and world, shared by its tabs (HTTP/1.1 allows six
// connections to a host; a stream a tab would starve the seventh tab).

/* global onconnect */
const ports = new Set();
let source = null;
let url = "";

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function open(last) {
  source?.close();
  source = new EventSource(last ? `${url}?last=${encodeURIComponent(last)}` : url);
  source.onopen = () => tell({ type: "open" });
  const mine = source;
  source.onerror = () => {
    if (mine === source) tell({ type: "error", dead: mine.readyState === 2 });
  };
  for (const type of ["patch", "reset", "beat"]) {
    source.addEventListener(type, (e) => tell({ type, data: e.data, id: e.lastEventId }));
  }
}

onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.open) {
      url = data.open;
      if (!source || source.readyState === 2) open("");
      else if (source.readyState === 1) port.postMessage({ type: "open" });
    } else if (data.reopen) {
      // several tabs may ask at once; one new line is enough
      if (!source || source.readyState !== 0) open(data.last);
    } else if (data.close) {
      ports.delete(port);
      if (ports.size === 0) {
        source?.close();
        source = null;
      }
    }
  };
  port.start();
};
