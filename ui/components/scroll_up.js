// @ts-check
// Brings the top of what has changed into view: a button at the end of a page that puts other content above
// itself leaves the reader at the end of that.

/** @type {Map<string, string>} what an element showed last, by its class */
const shown = new Map()

/** @param {Mount<{ place: string, content: string }>} mount */
export default function ({ data: { place, content } }) {
  const before = shown.get(place)
  shown.set(place, content)
  if (before !== undefined && before !== content) {
    // Streamlit's header lies over the upper edge.
    const top = /** @type {HTMLElement | null} */ (document.querySelector(`.${place}`))
    top?.style.setProperty("scroll-margin-top", "5rem")
    top?.scrollIntoView({ block: "nearest" })
  }
}
