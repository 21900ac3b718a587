// SharedWorker: one event stream a browser and world, shared by its tabs (HTTP/1.1 allows six
// connections to a host; a stream a tab would starve the seventh tab). Unpacks off the main thread.

import { openStream } from "./unpack.mjs";

const ports = new Set();
let source = null;
let url = "";
let said = null; // the newest state of a wall's channel, for a tab that comes later

function open(last) {
  source?.close();
  const mine = openStream(url, last, (message) => {
    if (mine !== source) return;
    if (message.type === "said") said = message;
    for (const port of ports) port.postMessage(message);
  });
  source = mine;
}

globalThis.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.open) {
      url = data.open;
      if (!source || source.readyState === 2) open("");
      else if (source.readyState === 1) {
        port.postMessage({ type: "open" });
        if (said) port.postMessage(said);
      }
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
