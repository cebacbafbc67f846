// @ts-check
// While a visitor draws, loads the script that draws charts. Streamlit asks for it at the first chart, and then
// finds it in the browser's cache. Where this fails it is loaded then.

const LOOK_EVERY_MS = 500
let isAsked = false

/** @param {Mount<string>} mount `data` is the name of the script */
export default function ({ data: name }) {
  const timer = setInterval(() => {
    if (isAsked || !isPadThere()) return
    isAsked = true
    clearInterval(timer)
    load(name).catch(() => {})
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

/** @param {string} name */
async function load(name) {
  const beside = /** @type {HTMLScriptElement} */ (document.querySelector("script[src*='static/js/']"))
  const response = await fetch(new URL(name, beside.src), { priority: "low" })
  // To the end, else a browser keeps nothing.
  await response.arrayBuffer()
}

function isPadThere() {
  const elements = Array.from(document.querySelectorAll(".st-key-pad *"))
  return elements.some(({ shadowRoot }) => shadowRoot?.querySelector("canvas"))
}
