// @ts-check
// The pen on the pad, and what it draws there before the server has it.

/**
 * @import { Point } from "../strokes.js"
 *
 * @typedef {object} Drawing what the server has of the pad
 * @property {Point[][]} strokes
 * @property {[width: number, height: number]} size of the pad
 */

/**
 * @param {(strokes: Point[][]) => void} onFrame called in every frame in which the pen moved on the pad, with
 *   all strokes that are on it
 */
export function followPen(onFrame) {
  /** @type {Drawing | null} */
  let known = null
  /** Strokes that the server has not got yet. @type {Point[][]} */
  let pending = []
  /** Of the pen that is down: a second finger or a resting hand is another one. @type {number | null} */
  let pointer = null
  /** @type {HTMLElement | null} */
  let pad = null
  /** What the pen draws, or null while it is beside the pad. @type {Point[] | null} */
  let stroke = null
  let frame = 0
  const listening = new AbortController()
  const options = { capture: true, passive: true, signal: listening.signal }

  const answer = () => {
    frame = 0
    if (known && pad) onFrame([...known.strokes, ...pending, ...(stroke ? [stroke] : [])])
  }
  const endStroke = () => {
    if (stroke) pending.push(stroke)
    stroke = null
  }
  /** @param {PointerEvent} event */
  const down = (event) => {
    if (pad || !known || event.button !== 0) return
    pad = padBelow(event)
    if (!pad) return
    pointer = event.pointerId
    move(event)
  }
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!pad || !known || event.pointerId !== pointer) return
    if (!event.buttons) return lift(event)
    const [place] = placesOn(pad, known.size, event)
    // A pen that leaves the pad and comes back begins another stroke, as on the server.
    if (!place) endStroke()
    else if (stroke) stroke.push(place)
    else stroke = [place]
    frame ||= requestAnimationFrame(answer)
  }
  /** @param {PointerEvent} event */
  const lift = (event) => {
    if (event.pointerId !== pointer) return
    endStroke()
    pad = pointer = null
  }
  addEventListener("pointerdown", down, options)
  addEventListener("pointermove", move, options)
  addEventListener("pointerup", lift, options)
  addEventListener("pointercancel", lift, options)
  return {
    isDown: () => pad !== null,
    /** @param {Drawing | null} drawing what the server has now; null where the pen is not to be followed */
    know: (drawing) => {
      const had = known?.strokes.length ?? 0
      const has = drawing?.strokes.length ?? 0
      // Fewer than before: it is another drawing. Else as many of the pending ones have arrived as there are more.
      pending = has < had ? [] : pending.slice(has - had)
      known = drawing
    },
    leave: () => {
      listening.abort()
      cancelAnimationFrame(frame)
    },
  }
}

/**
 * The pad that a pen was put down on, if it was on one; it lies in open shadow roots.
 *
 * @param {PointerEvent} event
 */
function padBelow(event) {
  const path = event.composedPath().filter((target) => target instanceof HTMLElement)
  const isOnPad = path.some((element) => element.classList.contains("st-key-pad"))
  return (isOnPad && path.find((element) => element.classList.contains("canvas-container"))) || null
}

/**
 * Where the pen is on the pad, in its pixels, however large it is shown; nothing beside the pad.
 *
 * @param {HTMLElement} pad
 * @param {[width: number, height: number]} size
 * @param {PointerEvent} event
 * @returns {Point[]}
 */
function placesOn(pad, [width, height], { clientX, clientY }) {
  const box = pad.getBoundingClientRect()
  const x = (clientX - box.left) * width / box.width
  const y = (clientY - box.top) * height / box.height
  return x >= 0 && x <= width && y >= 0 && y <= height ? [[x, y]] : []
}
