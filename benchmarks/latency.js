// Runs in a page before the page's own scripts and notes, in ms since the visit began, when something
// is there for the first time. It looks once a frame, so that no driver's polling is in the figures.
{
  const seen = { text: null, padAndChart: null, clicked: null, curve: [] }
  window.seen = seen

  function find(selector, root = document) {
    const here = root.querySelector(selector)
    if (here) return here
    for (const element of root.querySelectorAll("*")) {
      const below = element.shadowRoot && find(selector, element.shadowRoot)
      if (below) return below
    }
    return null
  }

  const textIsThere = () => Boolean(document.querySelector(".st-key-navigation")?.innerText.trim())
  const padAndChartAreThere = () =>
    Boolean(document.querySelector(".js-plotly-plot .main-svg") && find("canvas.upper-canvas"))

  // The training curve, whenever another point is its last one.
  function noteCurve() {
    const curve = document.querySelector(".st-key-curve_accuracy .js-plotly-plot")?.data?.[0]
    if (!curve?.x?.length) return
    const [x, y] = [curve.x.at(-1), curve.y.at(-1)]
    const last = seen.curve.at(-1)
    if (x !== last?.x || y !== last?.y) seen.curve.push({ at: performance.now(), x, y })
  }

  function look() {
    if (seen.text === null && textIsThere()) seen.text = performance.now()
    if (seen.padAndChart === null && padAndChartAreThere()) seen.padAndChart = performance.now()
    noteCurve()
    requestAnimationFrame(look)
  }

  function noteClick(event) {
    if (event.target.closest?.(".st-key-train button")) seen.clicked = performance.now()
  }

  addEventListener("click", noteClick, { capture: true })
  requestAnimationFrame(look)
}
