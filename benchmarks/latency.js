// Runs in a page before the page's own scripts and notes, in ms since the visit began, when something
// is there for the first time. It looks once a frame, so that no driver's polling is in the figures.
{
  const seen = { text: null, padAndBars: null, clicked: null, curve: [], penUps: [], inStroke: [] }
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
  const bars = () => find("[data-state]")
  const padAndBarsAreThere = () => Boolean(bars() && find("canvas.upper-canvas"))

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
    if (seen.padAndBars === null && padAndBarsAreThere()) seen.padAndBars = performance.now()
    noteCurve()
    requestAnimationFrame(look)
  }

  function noteClick(event) {
    if (event.target.closest?.(".st-key-train button")) seen.clicked = performance.now()
  }

  // From the pen's first movement that the bars have not answered yet until they change, and from the
  // moment it lifts until the server's answer stands there. The observer is called right after a change.
  const pen = { moved: null, lifted: null }
  seen.watchBars = () => {
    const note = () => {
      if (bars().dataset.state === "live" && pen.moved !== null) {
        seen.inStroke.push(performance.now() - pen.moved)
        pen.moved = null
      }
      if (bars().dataset.state === "server" && pen.lifted !== null) {
        seen.penUps.push(performance.now() - pen.lifted)
        pen.lifted = null
      }
    }
    new MutationObserver(note).observe(bars(), { attributes: true, subtree: true })
    addEventListener("pointermove", event => event.buttons && (pen.moved ??= event.timeStamp), true)
    // A click on Clear is no pen that lifts.
    const isOnPad = event => event.composedPath().some(element => element.matches?.("canvas.upper-canvas"))
    const lift = event => isOnPad(event) && ([pen.moved, pen.lifted] = [null, event.timeStamp])
    addEventListener("pointerup", lift, true)
  }

  addEventListener("click", noteClick, { capture: true })
  requestAnimationFrame(look)
}
