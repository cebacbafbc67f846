// @ts-check

// Where a connection breaks while Streamlit's files arrive, the browser asks for none of them again; and where
// Streamlit cannot draw what comes after reconnecting, it takes the whole page away. Either way the page stays
// blank for ever. This script stands in the start page, before the first of the files, and reloads the page.
{
  const COUNT = "digitlab-reloads"
  // Milliseconds until the first reload, and the longest wait before a further one.
  const FIRST = 1000
  const LONGEST = 30_000
  let isPlanned = false

  let reloads = Number(sessionStorage.getItem(COUNT))
  // Whoever stays for so long has a whole page.
  setTimeout(() => {
    if (isPlanned) return
    reloads = 0
    sessionStorage.removeItem(COUNT)
  }, LONGEST)

  /** Not before the server answers, or the browser would show a page of its own that never comes back. */
  const reload = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store" })
      if (answer.ok) {
        sessionStorage.setItem(COUNT, String(reloads + 1))
        location.reload()
        return
      }
    } catch {
      // Not reachable yet.
    }
    setTimeout(reload, FIRST)
  }

  const plan = () => {
    if (isPlanned) return
    isPlanned = true
    setTimeout(reload, Math.min(LONGEST, FIRST * 2 ** reloads))
  }

  addEventListener(
    "error",
    (event) => {
      const file = event.target
      const isStyle = file instanceof HTMLLinkElement && file.rel === "stylesheet"
      if (isStyle || file instanceof HTMLScriptElement) plan()
    },
    true,
  )
  // What Streamlit's bundler says where a part that is loaded later does not arrive.
  addEventListener("vite:preloadError", plan)
  addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("root")
    if (!root) return
    new MutationObserver(() => root.childElementCount || plan()).observe(root, { childList: true })
  })
}
