// Opens an event stream and gives its messages in order, packed patches unpacked.

const TYPES = ["patch", "packed", "reset", "beat", "said"];

/** Text of base64 over raw deflate (live/hub.py packs large patches so). */
export async function unpack(data) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

/**
 * @param {string} url
 * @param {string} last EPOCH-SEQ to go on from, or ""
 * @param {(message: {type: string, data?: string}) => void} tell
 * @returns {EventSource}
 */
export function openStream(url, last, tell) {
  const packs = typeof DecompressionStream === "function" ? "packed=1" : "";
  const query = [packs, last && `last=${encodeURIComponent(last)}`].filter(Boolean).join("&");
  const source = new EventSource(query ? `${url}?${query}` : url);
  let queue = Promise.resolve();
  const say = (message) => {
    if (source.readyState !== 2 || message.type === "error") tell(message);
  };
  source.onopen = () => say({ type: "open" });
  source.onerror = () => say({ type: "error", dead: source.readyState === 2 });
  for (const type of TYPES) {
    source.addEventListener(type, ({ data }) => {
      // unpacking takes a moment; what comes after waits its turn
      queue = queue.then(async () => {
        if (type === "packed") say({ type: "patch", data: await unpack(data) });
        else say({ type, data });
      });
    });
  }
  return source;
}
