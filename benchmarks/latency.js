// @ts-check
// Runs in a page before the page's own scripts and notes, in ms since the visit began, when something is
// there. It looks once a frame, or is called right after a change, so that no driver's polling is in the
// figures. The driver says what to watch.
{
  /**
   * @typedef {{ at: number, x: number, y: number }} Point the last one of the curve, and since when
   * @typedef {{ find: () => HTMLElement | null, isServers: (answer: HTMLElement) => boolean,
   *   isBlank: (answer: HTMLElement) => boolean }} Answer where it stands, and whose it is
   */
  const seen = {
    /** @type {number | null} */
    text: null,
    /** @type {number | null} */
    padAndBars: null,
    /** @type {number | null} */
    clicked: null,
    /** @type {Point[]} */
    curve: [],
    /** @type {number[]} */
    penUps: [],
    /** @type {number[]} */
    inStroke: [],
    watchFirst,
    watchCurve,
    watchPen,
    isWiped: () => false,
  }
  Object.assign(window, { seen })

  /**
   * Through open shadow roots, too.
   * @param {string} selector
   * @param {Document | ShadowRoot} root
   * @returns {HTMLElement | null}
   */
  function find(selector, root = document) {
    /** @type {HTMLElement | null} */
    const here = root.querySelector(selector)
    if (here) return here
    for (const element of root.querySelectorAll("*")) {
      const below = element.shadowRoot && find(selector, element.shadowRoot)
      if (below) return below
    }
    return null
  }

  // ---- Home

  function watchFirst() {
    const navigation = /** @type {HTMLElement | null} */ (document.querySelector(".st-key-navigation"))
    if (navigation?.innerText.trim()) seen.text ??= performance.now()
    if (find("[data-state]") && find("canvas.upper-canvas")) seen.padAndBars ??= performance.now()
    if (seen.text === null || seen.padAndBars === null) requestAnimationFrame(watchFirst)
  }

  // ---- Train

  /** From the next click on Train on: whenever another point is the curve's last one. */
  function watchCurve() {
    Object.assign(seen, { clicked: null, curve: [] })
    addEventListener("click", noteClick, { capture: true })
  }

  /** @param {MouseEvent} event */
  function noteClick(event) {
    const isTrain = event.target instanceof Element && event.target.closest(".st-key-train button")
    if (!isTrain) return
    removeEventListener("click", noteClick, { capture: true })
    seen.clicked = performance.now()
    const before = lastPoint()
    const look = () => {
      const point = lastPoint()
      const last = seen.curve.at(-1) ?? before
      if (point && (point.x !== last?.x || point.y !== last.y)) {
        seen.curve.push({ at: performance.now(), ...point })
      }
      requestAnimationFrame(look)
    }
    look()
  }

  /** @returns {{ x: number, y: number } | null} */
  function lastPoint() {
    /** @type {any} */
    const plot = document.querySelector(".st-key-curve_accuracy .js-plotly-plot")
    const line = plot?.data?.[0]
    return line?.x?.length ? { x: line.x.at(-1), y: line.y.at(-1) } : null
  }

  // ---- The pad

  /** @type {Record<string, Answer>} */
  const ANSWERS = {
    bars: {
      find: () => find("[data-state]"),
      isServers: (bars) => bars.dataset.state === "server",
      isBlank: (bars) => bars.dataset.answer === "-1",
    },
    text: {
      find: () => document.querySelector(".st-key-strokes"),
      isServers: () => true,
      isBlank: (text) => text.innerText.startsWith("0"),
    },
  }

  /**
   * From the pen's first movement that the bars have not answered yet until they change, and from the
   * moment it lifts until the server's answer stands there.
   * @param {string} name in ANSWERS
   */
  function watchPen(name) {
    const { find, isServers, isBlank } = ANSWERS[name]
    const answer = find()
    if (!answer) throw new Error(`no ${name} on this page`)
    /** @type {{ moved: number | null, lifted: number | null }} */
    const pen = { moved: null, lifted: null }
    seen.isWiped = () => isServers(answer) && isBlank(answer)

    const note = () => {
      if (pen.moved !== null && !isServers(answer)) {
        seen.inStroke.push(performance.now() - pen.moved)
        pen.moved = null
      }
      if (pen.lifted !== null && isServers(answer) && !isBlank(answer)) {
        seen.penUps.push(performance.now() - pen.lifted)
        pen.lifted = null
      }
    }
    const changes = { attributes: true, childList: true, characterData: true, subtree: true }
    new MutationObserver(note).observe(answer, changes)

    /** @param {PointerEvent} event */
    const move = (event) => {
      if (event.buttons) pen.moved ??= event.timeStamp
    }
    /** @param {PointerEvent} event */
    const lift = (event) => {
      // A click on Clear is no pen that lifts.
      const isOnPad = event
        .composedPath()
        .some((element) => element instanceof Element && element.matches("canvas.upper-canvas"))
      if (isOnPad) Object.assign(pen, { moved: null, lifted: event.timeStamp })
    }
    addEventListener("pointermove", move, true)
    addEventListener("pointerup", lift, true)
  }
}
