// @ts-check
// A pad whose pen is moved by arrow keys. Space puts it down and lifts it; a stroke is sent when it lifts.

import { element, pencil } from "../dom.js"
import { drawStrokes } from "../strokes.js"

/**
 * @import { Point } from "../strokes.js"
 *
 * @typedef {object} About
 * @property {Point[][]} strokes that are on the pad already
 * @property {[width: number, height: number]} size
 * @property {number} pen the width of a line
 * @property {number} step of an arrow key
 * @property {number} fineStep with Shift
 * @property {string} label
 * @property {string} help
 * @property {string} down
 * @property {string} up
 *
 * @typedef {object} Pad
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} help
 * @property {HTMLElement} state for a screen reader
 * @property {About} about
 * @property {Point} at where the pen is
 * @property {Point[] | null} stroke what it draws, or null while it is up
 * @property {Point[][]} unsent strokes: a message may be overtaken by the next one, which so holds them too
 * @property {(strokes: Point[][]) => void} send
 */

/** @type {WeakMap<HTMLElement, Pad>} */
const pads = new WeakMap()

/** @type {Record<string, Point>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** @param {Mount<About>} mount */
export default function ({ data, parentElement, setTriggerValue }) {
  const pad = pads.get(parentElement) ?? build(parentElement, data)
  pads.set(parentElement, pad)
  pad.about = data
  // What is sent arrives with the answer: it is among the strokes now.
  pad.unsent = []
  pad.send = (strokes) => setTriggerValue("strokes", strokes)
  const { canvas, help } = pad
  ;[canvas.width, canvas.height] = data.size
  canvas.setAttribute("aria-label", data.label)
  help.textContent = data.help
  // Another pad may be smaller.
  pad.at = [Math.min(pad.at[0], data.size[0]), Math.min(pad.at[1], data.size[1])]
  paint(pad)
}

/**
 * @param {HTMLElement} parent
 * @param {About} about
 * @returns {Pad}
 */
function build(parent, about) {
  const canvas = element("canvas", { tabindex: "0", role: "application", "aria-describedby": "help" })
  const help = element("p", { class: "help", id: "help" })
  const state = element("p", { class: "spoken", "aria-live": "polite" })
  parent.append(element("div", { class: "pad" }, canvas, help), state)
  const [width, height] = about.size
  /** @type {Pad} */
  const pad = {
    canvas,
    help,
    state,
    about,
    at: [width / 2, height / 4],
    stroke: null,
    unsent: [],
    send: () => {},
  }
  canvas.addEventListener("keydown", (event) => press(pad, event))
  canvas.addEventListener("blur", () => {
    lift(pad)
    paint(pad)
  })
  return pad
}

/**
 * @param {Pad} pad
 * @param {KeyboardEvent} event
 */
function press(pad, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  const direction = DIRECTIONS[event.key]
  if (direction) move(pad, direction, event.shiftKey)
  else if (event.key !== " ") return
  // A key that is held down repeats itself.
  else if (event.repeat) event.preventDefault()
  else if (pad.stroke) lift(pad)
  else putDown(pad)
  event.preventDefault()
  paint(pad)
}

/**
 * @param {Pad} pad
 * @param {Point} direction
 * @param {boolean} isFine
 */
function move({ at, stroke, about: { size, step, fineStep } }, direction, isFine) {
  const length = isFine ? fineStep : step
  for (const axis of [0, 1]) at[axis] = Math.max(0, Math.min(at[axis] + length * direction[axis], size[axis]))
  stroke?.push([...at])
}

/** @param {Pad} pad */
function putDown(pad) {
  pad.stroke = [[...pad.at]]
  pad.state.textContent = pad.about.down
}

/** @param {Pad} pad */
function lift(pad) {
  if (!pad.stroke) return
  pad.about.strokes.push(pad.stroke)
  pad.unsent.push(pad.stroke)
  pad.send(pad.unsent)
  pad.stroke = null
  pad.state.textContent = pad.about.up
}

/** @param {Pad} pad */
function paint({ canvas, about: { strokes, pen }, at: [x, y], stroke }) {
  const context = pencil(canvas)
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.strokeStyle = "#fff"
  drawStrokes(context, stroke ? [...strokes, stroke] : strokes, pen)
  // The pen: a ring, filled while it is down.
  Object.assign(context, { lineWidth: 3, strokeStyle: "#f0975a", fillStyle: "#f0975a" })
  context.beginPath()
  context.arc(x, y, pen / 2 + 3, 0, 2 * Math.PI)
  if (stroke) context.fill()
  context.stroke()
}
