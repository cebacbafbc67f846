// @ts-check
// The pen on the pad, and what it has drawn there.

import { element, pencil } from "../dom.js"

/** @typedef {Iterable<HTMLCanvasElement>} Canvases of a pad, one above the other */

/**
 * @param {(canvases: Canvases) => void} onFrame called in every frame in which the pen moved on the pad
 */
export function followPen(onFrame) {
  /** @type {Canvases | null} */
  let canvases = null
  let frame = 0
  const listening = new AbortController()
  const options = { capture: true, passive: true, signal: listening.signal }

  const answer = () => {
    frame = 0
    if (canvases) onFrame(canvases)
  }
  const lift = () => {
    canvases = null
  }
  addEventListener("pointerdown", (event) => (canvases = padBelow(event)), options)
  addEventListener("pointermove", () => canvases && (frame ||= requestAnimationFrame(answer)), options)
  addEventListener("pointerup", lift, options)
  addEventListener("pointercancel", lift, options)
  return {
    isDown: () => canvases !== null,
    leave: () => {
      listening.abort()
      cancelAnimationFrame(frame)
    },
  }
}

/**
 * The canvases that a pen was put down on, if it was on the pad; they lie in open shadow roots.
 *
 * @param {PointerEvent} event
 */
function padBelow(event) {
  const path = event.composedPath().filter((target) => target instanceof Element)
  const isOnPad = path.some((element) => element.classList.contains("st-key-pad"))
  const container = path.find((element) => element.classList.contains("canvas-container"))
  return isOnPad && container ? container.querySelectorAll("canvas") : null
}

/** @type {HTMLCanvasElement | undefined} */
let copy

/**
 * What stands on a pad, white ink on black: `side` x `side` values from 0 to 1, however many pixels the
 * screen has.
 *
 * @param {Canvases} canvases
 * @param {number} side
 */
export function readPad(canvases, side) {
  copy ??= element("canvas", { width: `${side}`, height: `${side}` })
  const context = pencil(copy, { willReadFrequently: true })
  context.fillRect(0, 0, side, side)
  for (const canvas of canvases) context.drawImage(canvas, 0, 0, side, side)
  const { data } = context.getImageData(0, 0, side, side)
  return Float32Array.from({ length: side * side }, (_, i) => data[4 * i] / 255)
}
