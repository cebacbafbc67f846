// @ts-check
// Puts new values into plotly charts that stand on the page already. Streamlit mounts a chart
// anew whenever its figure changes, which leaves it blank for a moment; so a live chart keeps one
// figure, and this component moves the values in it, and tells which point was clicked: Streamlit
// knows nothing of the cells of a heat map.

import { plotOf } from "./plots.js"

/**
 * @typedef {object} Values
 * @property {PlotlyValues[]} traces
 * @property {PlotlyValues} layout
 *
 * @typedef {object} Update
 * @property {Values} values
 * @property {(point: PlotlyPoint) => void} click
 * @property {PlotlyValues[] | null} drawn the traces that were drawn with these values
 */

/** @type {Map<string, Update>} */
const wanted = new Map()
/** @type {WeakSet<PlotlyElement>} */
const watched = new WeakSet()
// Streamlit draws a chart when it likes, and may mount it anew.
const page = new MutationObserver(draw)

/** @param {Mount<Values & { key: string, clickable: boolean }>} mount */
export default function ({ data: { key, clickable, ...values }, setTriggerValue }) {
  /** @param {PlotlyPoint} point */
  const click = ({ curveNumber, pointNumber }) => {
    if (clickable) setTriggerValue("clicked", [curveNumber, pointNumber])
  }
  const update = { values, click, drawn: null }
  wanted.set(key, update)
  page.observe(document.body, { childList: true, subtree: true })
  draw()
  return () => {
    // A call that was overtaken while the script loaded is unmounted after the next one has begun.
    if (wanted.get(key) === update) wanted.delete(key)
    if (wanted.size === 0) page.disconnect()
  }
}

// Draws what is wanted wherever something else is shown: after new values, and as soon as
// Streamlit has redrawn the chart by itself (another theme, another width).
function draw() {
  for (const [key, update] of wanted) {
    const plot = plotOf(key)
    if (!globalThis.Plotly || !plot?.data || plot.data === update.drawn) continue
    if (!watched.has(plot)) {
      watched.add(plot)
      plot.on("plotly_afterplot", draw)
      plot.on("plotly_click", ({ points }) => wanted.get(key)?.click(points[0]))
    }
    const { traces, layout } = update.values
    update.drawn = plot.data.map((trace, i) => merged(trace, traces[i] ?? {}))
    globalThis.Plotly.react(plot, update.drawn, merged(plot.layout, layout))
  }
}

/**
 * @param {PlotlyValues} old
 * @param {PlotlyValues} update
 * @returns {PlotlyValues}
 */
function merged(old, update) {
  const result = { ...old }
  for (const [name, value] of Object.entries(update)) {
    const before = old[name]
    result[name] = isObject(value) ? merged(isObject(before) ? before : {}, value) : value
  }
  return result
}

/**
 * @param {unknown} value
 * @returns {value is PlotlyValues}
 */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value)
}
