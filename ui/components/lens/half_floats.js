// @ts-check

/**
 * @param {Uint8Array<ArrayBuffer>} bytes IEEE 754 half precision, little-endian
 * @returns {Float32Array}
 */
export function floatsOfHalves(bytes) {
  // A copy, for it has to begin at an even byte.
  return Float32Array.from(new Uint16Array(bytes.slice().buffer), floatOfHalf)
}

/** @param {number} bits */
function floatOfHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
