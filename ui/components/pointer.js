// @ts-check
// Tells which kind of pointer was put down on a pad last. A trackpad says that it is a mouse.

/** @param {Mount<string>} mount `data` is the class of the pad */
export default function ({ data: pad, setStateValue }) {
  const listening = new AbortController()
  let told = ""
  let kind = ""
  const options = { capture: true, passive: true, signal: listening.signal }
  addEventListener("pointerdown", (event) => {
    const path = event.composedPath()
    const isOnPad = path.some((target) => target instanceof Element && target.classList.contains(pad))
    if (isOnPad) kind = event.pointerType
  }, options)
  // Not while it is down: what is told makes the page draw itself anew.
  addEventListener("pointerup", () => {
    if (kind && kind !== told) setStateValue("kind", told = kind)
  }, options)
  return () => listening.abort()
}
