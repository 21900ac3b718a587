// Decodes the columnar tables of layers/columns.py (wire form in that file's docstring).

const MAGIC = 0x4e495754; // "TWIN", little endian
export const VERSION = 1;

const ARRAYS = {
  Float32: Float32Array,
  Float64: Float64Array,
  Uint32: Uint32Array,
  Int32: Int32Array,
  Uint16: Uint16Array,
  Int16: Int16Array,
  Uint8: Uint8Array,
};

/**
 * @param {ArrayBuffer} buffer
 * @returns {{layer: string, length: number, columns: Record<string, any>, meta: Record<string, any>}}
 *   columns are views into the buffer, nothing is copied
 */
export function decodeTable(buffer) {
  if (buffer.byteLength < 12) throw new Error(`${buffer.byteLength} bytes are too few for a table`);
  const head = new Uint32Array(buffer, 0, 3);
  if (head[0] !== MAGIC) throw new Error("not a table: wrong magic");
  if (head[1] !== VERSION) throw new Error(`got a v${head[1]} table when expected v${VERSION}`);
  const start = 12 + head[2];
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, head[2])));
  const columns = {};
  for (const spec of header.columns) {
    columns[spec.name] = new ARRAYS[spec.type](buffer, start + spec.offset, spec.count);
  }
  return { layer: header.layer, length: header.length, columns, meta: header.meta };
}
