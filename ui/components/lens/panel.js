// @ts-check
// Ten bars, and the last hidden layer beside them.

import { element, pencil } from "../dom.js"

/** @import { Answer } from "./forward_pass.js" */

/**
 * @typedef {object} Texts
 * @property {string} language
 * @property {string} alt of the bars
 * @property {string} units what the squares are
 * @property {boolean} withUnits shows them
 * @property {string} spoken by a screen reader
 * @property {number} shownFrom a bar says its probability from here on
 *
 * @typedef {ReturnType<typeof buildPanel>} Panel
 */

// In CSS pixels.
const UNITS_SIDE = 96
const MAX_BAR = 84

/** @param {HTMLElement} parent */
export function buildPanel(parent) {
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [share, bar] = [element("span"), element("i")]
    const root = element("div", { "data-digit": `${digit}` }, share, bar, element("b", {}, `${digit}`))
    return { root, share, bar }
  })
  const row = element("div", { class: "bars", role: "img" }, ...bars.map(({ root }) => root))
  const units = element("canvas", { role: "img" })
  const caption = element("figcaption")
  const figure = element("figure", { style: `width: ${UNITS_SIDE}px` }, units, caption)
  const spoken = element("p", { class: "spoken", "aria-live": "polite" })
  const root = element("div", { class: "panel" }, row, figure, spoken)
  parent.append(root)
  /** @type {(probability: number) => string} the text above a bar */
  const written = String
  const withUnits = true
  return { root, row, bars, figure, units, withUnits, caption, spoken, written }
}

/**
 * @param {Panel} panel
 * @param {Texts} texts
 */
export function label(panel, { language, alt, units, withUnits, spoken, shownFrom }) {
  const percent = new Intl.NumberFormat(language, { style: "percent" })
  panel.written = (probability) => probability >= shownFrom ? percent.format(probability) : ""
  panel.row.setAttribute("aria-label", alt)
  panel.units.setAttribute("aria-label", units)
  panel.caption.textContent = units
  panel.withUnits = withUnits
  panel.spoken.textContent = spoken
}

/**
 * @param {Panel} panel
 * @param {"server" | "live"} state whose answer it is: the server's, or this browser's while the pen is down
 * @param {Answer} answer
 */
export function show(panel, state, { probabilities, hidden }) {
  const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1
  panel.bars.forEach(({ root, share, bar }, digit) => {
    const probability = probabilities?.[digit] ?? 0
    root.dataset.value = `${probability}`
    root.className = digit === best ? "best" : ""
    share.textContent = panel.written(probability)
    bar.style.height = `${MAX_BAR * probability}px`
  })
  const lit = panel.withUnits ? hidden : null
  panel.figure.hidden = !lit
  if (lit) lightUnits(panel.units, lit)
  panel.root.dataset.answer = `${best}`
  panel.root.dataset.state = state
}

/**
 * One square a unit, as bright as it is active beside the most active one.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} hidden
 */
function lightUnits(canvas, hidden) {
  const columns = Math.ceil(Math.sqrt(hidden.length))
  const cell = Math.floor((2 * UNITS_SIDE) / columns)
  canvas.width = columns * cell
  canvas.height = Math.ceil(hidden.length / columns) * cell
  const context = pencil(canvas)
  context.fillStyle = getComputedStyle(canvas).color
  const sizes = Array.from(hidden, Math.abs)
  const max = Math.max(...sizes, 1e-9)
  sizes.forEach((size, unit) => {
    context.globalAlpha = 0.08 + (0.92 * size) / max
    context.fillRect((unit % columns) * cell, Math.floor(unit / columns) * cell, cell - 2, cell - 2)
  })
}
