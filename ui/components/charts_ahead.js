// @ts-check
// Loads the script that draws charts while a visitor draws. Streamlit asks for it at the first chart, and then
// finds it in the browser's cache.

const LOOK_EVERY_MS = 500
let isAsked = false

/** @param {Mount<string>} mount `data` is the name of the script */
export default function ({ data: name }) {
  const timer = setInterval(() => {
    if (isAsked || !isPadThere()) return
    isAsked = true
    clearInterval(timer)
    load(name)
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
