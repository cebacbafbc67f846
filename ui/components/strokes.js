// @ts-check

/** @typedef {[x: number, y: number]} Point */

/**
 * Draws strokes, each of one point at least, with a round pen.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Point[][]} strokes
 * @param {number} lineWidth
 */
export function drawStrokes(context, strokes, lineWidth) {
  Object.assign(context, { lineWidth, lineCap: "round", lineJoin: "round" })
  for (const [first, ...rest] of strokes) {
    context.beginPath()
    context.moveTo(...first)
    for (const place of rest.length ? rest : [first]) context.lineTo(...place)
    context.stroke()
  }
}
