// Runs in a page before the page's own scripts and notes when the parts of a view have changed for the
// last time. It looks once a frame, so that no driver's polling is in the figures.
{
  const QUIET_MS = 600
  const seen = { started: null, lastChange: null, isOver: false }
  window.seen = seen
  let parts = {}
  let before = {}
  let shown = {}
  let changed = new Set()

  function* below(root, selector) {
    yield* root.querySelectorAll(selector)
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) yield* below(element.shadowRoot, selector)
    }
  }
  const place = key => document.querySelector(`.st-key-${key}`)

  // What a visitor sees of a part, as something to compare; null where it is not drawn yet.
  const look = {
    text: key => place(key)?.innerText.trim() || null,
    plot: key => {
      const data = place(key)?.querySelector(".js-plotly-plot")?.data
      if (!data) return null
      const values = data.flatMap(trace => [...(trace.y ?? []), ...(trace.z ?? []).flatMap(row => [...row])])
      return values.some(value => value) ? JSON.stringify(values) : null
    },
    // They are painted one after the other, in one go: the last tells of all.
    canvases: key => {
      const canvas = place(key) && [...below(place(key), "canvas")].at(-1)
      if (!canvas?.width) return null
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value, i) => i % 4 < 3 && value > 0) ? data.join() : null
    },
  }

  seen.look = look

  const isRunning = () => document.querySelector(".stApp")?.dataset.testScriptState !== "notRunning"
  const looked = () =>
    Object.fromEntries(Object.entries(parts).map(([name, [how, key]]) => [name, look[how](key)]))

  // From the next click or key on.
  seen.watch = some => {
    parts = some
    shown = before = looked()
    changed = new Set()
    Object.assign(seen, { started: null, lastChange: null, isOver: false })
  }
  seen.missing = () => Object.keys(parts).filter(name => !changed.has(name))

  function note() {
    if (seen.started !== null && !seen.isOver) {
      const now = looked()
      for (const name of Object.keys(parts)) {
        if (now[name] !== shown[name]) seen.lastChange = performance.now()
        if (now[name] !== null && now[name] !== before[name]) changed.add(name)
      }
      shown = now
      const isQuiet = performance.now() - (seen.lastChange ?? Infinity) > QUIET_MS
      seen.isOver = isQuiet && !isRunning() && seen.missing().length === 0
    }
    requestAnimationFrame(note)
  }

  const start = event => (seen.started ??= event.timeStamp)
  addEventListener("click", start, { capture: true })
  addEventListener("keydown", start, { capture: true })
  requestAnimationFrame(note)
}
