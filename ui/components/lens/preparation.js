// @ts-check
// From strokes to the ink that a network reads, as model/drawing/strokes.py (prepare) does it on the server.

import { element, pencil } from "../dom.js"
import { drawStrokes } from "../strokes.js"

/**
 * @import { Point } from "../strokes.js"
 *
 * @typedef {object} Preparation the constants of model/drawing/strokes.py
 * @property {number} side of the ink, in its pixels
 * @property {number} box that a digit is fitted into, in pixels of the ink
 * @property {number} centre where its centre of mass comes to lie, in pixels of the ink
 * @property {number} penWidth in pixels of the ink
 * @property {number} oversampling pixels that it is drawn with for each of the ink, along an axis
 * @property {number} smallest a drawing that is smaller is a click
 */

/** @type {HTMLCanvasElement | undefined} */
let paper

/**
 * @param {Point[][]} strokes each of one point at least
 * @param {Preparation} preparation
 * @returns {Float32Array | null} side x side, or null for a blank
 */
export function prepareStrokes(strokes, preparation) {
  if (!strokes.length) return null
  const { side, centre, oversampling } = preparation
  const fitted = fit(strokes, preparation)
  const drawn = drawWithPen(fitted, preparation)
  const [x, y] = centreOfMass(drawn, side * oversampling)
  const target = centre * oversampling - 0.5
  const moved = fitted.map((stroke) => stroke.map(([px, py]) => point(px + target - x, py + target - y)))
  return averaged(drawWithPen(moved, preparation), preparation)
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
function point(x, y) {
  return [x, y]
}

/**
 * The strokes in the middle of the box, in pixels of the large picture.
 *
 * @param {Point[][]} strokes
 * @param {Preparation} preparation
 */
function fit(strokes, { side, box, penWidth, oversampling, smallest }) {
  const [left, right] = ends(strokes, 0)
  const [top, bottom] = ends(strokes, 1)
  const extent = Math.max(right - left, bottom - top)
  const scale = extent >= smallest ? (box - penWidth) * oversampling / extent : 0
  const [x, y, middle] = [(left + right) / 2, (top + bottom) / 2, side * oversampling / 2]
  return strokes.map((stroke) =>
    stroke.map(([px, py]) => point((px - x) * scale + middle, (py - y) * scale + middle))
  )
}

/**
 * @param {Point[][]} strokes
 * @param {0 | 1} axis
 */
function ends(strokes, axis) {
  let [low, high] = [Infinity, -Infinity]
  for (const stroke of strokes) {
    for (const place of stroke) {
      low = Math.min(low, place[axis])
      high = Math.max(high, place[axis])
    }
  }
  return [low, high]
}

/**
 * @param {Point[][]} strokes in pixels of the large picture
 * @param {Preparation} preparation
 * @returns {Float32Array} ink from 0 to 1 in each of its pixels, row by row
 */
function drawWithPen(strokes, { side, oversampling, penWidth }) {
  const length = side * oversampling
  paper ??= element("canvas", { width: `${length}`, height: `${length}` })
  const context = pencil(paper, { willReadFrequently: true })
  context.clearRect(0, 0, length, length)
  drawStrokes(context, strokes, penWidth * oversampling)
  const { data } = context.getImageData(0, 0, length, length)
  return Float32Array.from({ length: length * length }, (_, i) => data[4 * i + 3] / 255)
}

/**
 * @param {Float32Array} picture
 * @param {number} length of its side
 */
function centreOfMass(picture, length) {
  let [mass, across, down] = [0, 0, 0]
  picture.forEach((ink, i) => {
    mass += ink
    across += ink * (i % length)
    down += ink * Math.floor(i / length)
  })
  return [across / mass, down / mass]
}

/**
 * @param {Float32Array} picture
 * @param {Preparation} preparation
 */
function averaged(picture, { side, oversampling }) {
  const ink = new Float32Array(side * side)
  const length = side * oversampling
  picture.forEach((value, i) => {
    const row = Math.floor(i / length / oversampling)
    ink[row * side + Math.floor((i % length) / oversampling)] += value / oversampling ** 2
  })
  return ink
}
