// @ts-check

/**
 * What packing.py packed.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {{ header: any, values: Uint8Array<ArrayBuffer> }} `values` begin at any byte, so wider ones need
 * a copy
 */
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  return { header, values: bytes.subarray(4 + length) }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes compressed by gzip
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
