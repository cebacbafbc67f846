// @ts-check
// From a picture to the ink that a network reads, as model/drawing/strokes.py (prepare_pixels) does it on
// the server.

/**
 * @typedef {object} Preparation the constants of model/drawing/strokes.py
 * @property {number} side of the ink, in its pixels
 * @property {number} box that a digit is fitted into, in pixels of the ink
 * @property {number} centre where its centre of mass comes to lie, in pixels of the ink
 * @property {number} faint fainter than this is paper
 *
 * @typedef {[index: number, share: number]} Share of a source pixel in a pixel of the ink
 */

/**
 * @param {Float32Array} picture width x height, row by row; 1 is full ink
 * @param {number} width
 * @param {number} height
 * @param {Preparation} preparation
 * @returns {Float32Array | null} side x side, or null for a blank
 */
export function preparePixels(picture, width, height, preparation) {
  const { side, box, faint } = preparation
  const rows = { mass: new Float64Array(height), darkest: new Float32Array(height) }
  const columns = { mass: new Float64Array(width), darkest: new Float32Array(width) }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = picture[i]
      if (value === 0) continue
      rows.mass[y] += value
      columns.mass[x] += value
      if (value > rows.darkest[y]) rows.darkest[y] = value
      if (value > columns.darkest[x]) columns.darkest[x] = value
    }
  }
  if (!rows.darkest.some((value) => value > faint)) return null
  const scale = box / Math.max(span(rows.darkest, faint), span(columns.darkest, faint))
  const across = areaShares(columns.mass, scale, preparation)
  const down = areaShares(rows.mass, scale, preparation)
  const ink = new Float32Array(side * side)
  const line = new Float32Array(side)
  for (let y = 0; y < height; y++) {
    if (rows.mass[y] === 0 || down[y].length === 0) continue
    line.fill(0)
    for (let x = 0; x < width; x++) {
      const value = picture[y * width + x]
      if (value === 0) continue
      for (const [column, share] of across[x]) line[column] += value * share
    }
    for (const [row, share] of down[y]) {
      for (let column = 0; column < side; column++) ink[row * side + column] += line[column] * share
    }
  }
  return ink.map((value) => Math.min(Math.max(value, 0), 1))
}

/**
 * How long the ink is along an axis, grey ends counting by their grey.
 *
 * @param {Float32Array} darkest pixel of each row or column
 * @param {number} faint
 */
function span(darkest, faint) {
  const first = darkest.findIndex((value) => value > faint)
  const last = darkest.findLastIndex((value) => value > faint)
  return Math.max(last - first - 1 + darkest[first] + darkest[last], 1)
}

/**
 * For each source pixel along one axis, the pixels of the ink that it lies in and its share in them.
 *
 * @param {Float64Array} mass of ink in each row or column
 * @param {number} scale
 * @param {Preparation} preparation
 * @returns {Share[][]}
 */
function areaShares(mass, scale, { side, centre }) {
  let total = 0
  let moment = 0
  mass.forEach((value, index) => {
    total += value
    moment += value * (index + 0.5)
  })
  const middle = moment / total
  /** @param {number} target */
  const edge = (target) => (target - centre) / scale + middle
  return Array.from(mass, (_, index) => {
    /** @type {Share[]} */
    const shares = []
    const first = Math.max(Math.floor((index - middle) * scale + centre), 0)
    for (let target = first; target < side && edge(target) < index + 1; target++) {
      const covered = Math.min(edge(target + 1), index + 1) - Math.max(edge(target), index)
      if (covered > 0) shares.push([target, covered * scale])
    }
    return shares
  })
}
