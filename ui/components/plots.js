// @ts-check

/**
 * The chart that Streamlit has drawn for the element with this key, if it has.
 *
 * @param {string} key
 * @returns {PlotlyElement | null}
 */
export function plotOf(key) {
  return document.querySelector(`.st-key-${key} .js-plotly-plot`)
}
