// @ts-check
// Saves the charts of the page as pictures, as they stand there: PNG at twice the size, or SVG.

import { element } from "./dom.js"
import { plotOf } from "./plots.js"

/** @typedef {"png" | "svg"} Format */

/** @type {Format[]} */
const FORMATS = ["png", "svg"]

/** @param {Mount<{ keys: string[], labels: Record<Format, string> }>} mount */
export default function ({ data, parentElement }) {
  const buttons = FORMATS.map((format) => {
    const button = element("button", {}, data.labels[format])
    button.onclick = () => save(data.keys, format)
    return button
  })
  parentElement.querySelector(".row")?.remove()
  parentElement.append(element("div", { class: "row" }, ...buttons))
}

/**
 * @param {string[]} keys
 * @param {Format} format
 */
async function save(keys, format) {
  for (const key of keys) {
    const plot = plotOf(key)
    if (!plot || !globalThis.Plotly) continue
    const { width, height } = plot.getBoundingClientRect()
    const scale = format === "png" ? 2 : 1
    await globalThis.Plotly.downloadImage(plot, { format, width, height, scale, filename: key })
  }
}
