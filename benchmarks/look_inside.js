// @ts-check
// Runs in a page before the page's own scripts and notes when the parts of a view have changed for the
// last time. It looks once a frame, so that no driver's polling is in the figures.
{
  /**
   * What a visitor sees of a part, as something to compare; null where it is not drawn yet.
   * @typedef {Record<string, string | null>} Looks
   */
  const QUIET_MS = 600
  const seen = {
    /** @type {number | null} */
    started: null,
    /** @type {number | null} */
    lastChange: null,
    isOver: false,
    watch,
    missing,
    /** @type {Record<string, (key: string) => string | null>} */
    look: { text, plot, canvases },
  }
  Object.assign(window, { seen })

  /**
   * How to look at each part, and the key of the element that holds it.
   * @type {Record<string, [string, string]>}
   */
  let parts = {}
  /** @type {Looks} */
  let before = {}
  /** @type {Looks} */
  let shown = {}
  /** @type {Set<string>} */
  let changed = new Set()

  // ---- Looks

  /** @param {string} key */
  function place(key) {
    return /** @type {HTMLElement | null} */ (document.querySelector(`.st-key-${key}`))
  }

  /** @param {string} key */
  function text(key) {
    return place(key)?.innerText.trim() || null
  }

  /** @param {string} key */
  function plot(key) {
    /** @type {any} */
    const chart = place(key)?.querySelector(".js-plotly-plot")
    if (!chart?.data) return null
    const values = chart.data.flatMap(
      /** @param {{ y?: ArrayLike<number>, z?: ArrayLike<number>[] }} trace */
      (trace) => [...Array.from(trace.y ?? []), ...(trace.z ?? []).flatMap((row) => Array.from(row))],
    )
    return values.some(Boolean) ? JSON.stringify(values) : null
  }

  /**
   * They are painted one after the other, in one go: the last tells of all.
   * @param {string} key
   */
  function canvases(key) {
    const around = place(key)
    const canvas = around && [...canvasesBelow(around)].at(-1)
    const context = canvas?.width ? canvas.getContext("2d") : null
    if (!canvas || !context) return null
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    return data.some((value, i) => i % 4 < 3 && value > 0) ? data.join() : null
  }

  /**
   * Through open shadow roots, too.
   * @param {Element | ShadowRoot} root
   * @returns {Generator<HTMLCanvasElement>}
   */
  function* canvasesBelow(root) {
    yield* root.querySelectorAll("canvas")
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) yield* canvasesBelow(element.shadowRoot)
    }
  }

  /** @returns {Looks} */
  function looks() {
    return Object.fromEntries(
      Object.entries(parts).map(([name, [how, key]]) => [name, seen.look[how](key)]),
    )
  }

  // ---- Time

  /**
   * From the next click or key on.
   * @param {Record<string, [string, string]>} some
   */
  function watch(some) {
    parts = some
    shown = before = looks()
    changed = new Set()
    Object.assign(seen, { started: null, lastChange: null, isOver: false })
  }

  function missing() {
    return Object.keys(parts).filter((name) => !changed.has(name))
  }

  function isRunning() {
    const app = /** @type {HTMLElement | null} */ (document.querySelector(".stApp"))
    return app?.dataset.testScriptState !== "notRunning"
  }

  function note() {
    if (seen.started !== null && !seen.isOver) {
      const now = looks()
      for (const name of Object.keys(parts)) {
        if (now[name] !== shown[name]) seen.lastChange = performance.now()
        if (now[name] !== null && now[name] !== before[name]) changed.add(name)
      }
      shown = now
      const isQuiet = performance.now() - (seen.lastChange ?? Infinity) > QUIET_MS
      seen.isOver = isQuiet && !isRunning() && missing().length === 0
    }
    requestAnimationFrame(note)
  }

  /** @param {Event} event */
  function start(event) {
    seen.started ??= event.timeStamp
  }

  addEventListener("click", start, { capture: true })
  addEventListener("keydown", start, { capture: true })
  requestAnimationFrame(note)
}
