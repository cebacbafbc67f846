// @ts-check
// Pictures as a grid. New pictures are painted on the canvases that are there, so nothing flickers while
// epochs play, and the focus stays. One of them is a stop for Tab; arrows lead on.

import { element, pencil } from "../dom.js"
import { unpack } from "../packing.js"

/**
 * @typedef {[red: number, green: number, blue: number]} Colour
 *
 * @typedef {object} About
 * @property {string[]} names
 * @property {string[]} captions
 * @property {number[]} marked
 * @property {number | null} chosen the picture whose button is pressed
 * @property {number[][] | null} bars from 0 to 1, some below each picture
 * @property {[negative: Colour, positive: Colour]} colours
 * @property {[least: string, most: string] | null} ends
 * @property {string} alt
 * @property {number} side of a picture on the screen, in CSS pixels
 * @property {boolean} clickable
 * @property {number} pixels a side of a picture
 * @property {number} full the value of full colour
 *
 * @typedef {object} Tile
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} bars
 * @property {HTMLElement} caption
 *
 * @typedef {Record<"root" | "least" | "scale" | "most", HTMLElement>} Legend
 *
 * @typedef {object} Grid
 * @property {HTMLElement} root
 * @property {HTMLElement} place of the tiles
 * @property {Tile[]} tiles
 * @property {Legend} legend
 * @property {number} current the tile that Tab stops at
 * @property {(index: number) => void} click
 */

/** @type {WeakMap<HTMLElement, Grid>} */
const grids = new WeakMap()

/** @param {Mount<Uint8Array<ArrayBuffer>>} mount */
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = grids.get(parentElement) ?? build(parentElement)
  grids.set(parentElement, grid)
  grid.click = (index) => setTriggerValue("clicked", index)
  const { header, values } = unpack(data)
  show(grid, header, new Int8Array(values.buffer, values.byteOffset, values.length))
}

/**
 * @param {HTMLElement} parent
 * @returns {Grid}
 */
function build(parent) {
  const place = element("div", { class: "tiles", role: "group" })
  const [least, scale, most] = [element("b"), element("i"), element("b")]
  const legend = element("div", { class: "legend" }, least, scale, most)
  const root = element("div", {}, place, legend)
  parent.append(root)
  /** @type {Grid} */
  const grid = {
    root,
    place,
    tiles: [],
    legend: { root: legend, least, scale, most },
    current: 0,
    click: () => {},
  }
  place.addEventListener("keydown", (event) => walk(grid, event))
  place.addEventListener("focusin", (event) => stopAt(grid, indexOf(grid, event.target)))
  return grid
}

/**
 * @param {Grid} grid
 * @param {EventTarget | null} target
 */
function indexOf(grid, target) {
  return grid.tiles.findIndex(({ root }) => root === target)
}

/**
 * @param {Grid} grid
 * @param {About} about
 * @returns {Tile}
 */
function addTile(grid, { clickable, pixels }) {
  const canvas = element("canvas", { width: `${pixels}`, height: `${pixels}` })
  const picture = element("span", { class: "picture" }, canvas)
  const bars = element("span", { class: "bars" })
  const caption = element("span", { class: "caption" })
  const root = clickable
    ? element("button", { class: "tile", type: "button" }, picture, bars, caption)
    : element("div", { class: "tile", role: "img" }, picture, bars, caption)
  if (clickable) root.addEventListener("click", () => grid.click(indexOf(grid, root)))
  grid.place.append(root)
  return { root, canvas, bars, caption }
}

/**
 * @param {Grid} grid
 * @param {number} index
 */
function stopAt(grid, index) {
  grid.current = Math.max(0, Math.min(index, grid.tiles.length - 1))
  grid.tiles.forEach(({ root }, i) => (root.tabIndex = i === grid.current ? 0 : -1))
}

/**
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 */
function walk(grid, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  const index = indexAfter(event.key, grid)
  if (index === null) return
  event.preventDefault()
  grid.tiles[index]?.root.focus()
}

/**
 * Where a key leads, or null if it leads nowhere.
 *
 * @param {string} key
 * @param {Grid} grid
 */
function indexAfter(key, { tiles, current }) {
  const top = tiles[0].root.offsetTop
  const columns = tiles.filter(({ root }) => root.offsetTop === top).length
  switch (key) {
    case "ArrowLeft":
      return current - 1
    case "ArrowRight":
      return current + 1
    case "ArrowUp":
      return current - columns
    case "ArrowDown":
      return current + columns
    case "Home":
      return 0
    case "End":
      return tiles.length - 1
    default:
      return null
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Int8Array} values
 * @param {About} about
 */
function paint(canvas, values, { colours: [negative, positive], full, pixels }) {
  const context = pencil(canvas)
  const image = context.createImageData(pixels, pixels)
  for (let i = 0; i < values.length; i++) {
    const colour = values[i] < 0 ? negative : positive
    const share = Math.abs(values[i]) / full
    for (let channel = 0; channel < 3; channel++) image.data[4 * i + channel] = share * colour[channel]
    image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

/**
 * @param {Grid} grid
 * @param {About} about
 * @param {Int8Array} pictures
 */
function show(grid, about, pictures) {
  const { names, captions, alt, side, clickable, pixels } = about
  for (const tile of grid.tiles.splice(names.length)) tile.root.remove()
  while (grid.tiles.length < names.length) grid.tiles.push(addTile(grid, about))
  grid.root.style.setProperty("--side", `${side}px`)
  grid.place.setAttribute("aria-label", alt)
  const marked = new Set(about.marked)
  const length = pixels * pixels
  grid.tiles.forEach(({ root, canvas, bars, caption }, i) => {
    root.title = names[i]
    root.setAttribute("aria-label", names[i])
    root.classList.toggle("marked", marked.has(i))
    if (about.chosen !== null) root.setAttribute("aria-pressed", `${i === about.chosen}`)
    caption.textContent = captions[i] ?? ""
    const heights = about.bars?.[i] ?? []
    bars.replaceChildren(...heights.map((height) => element("i", { style: `height: ${100 * height}%` })))
    paint(canvas, pictures.subarray(i * length, (i + 1) * length), about)
  })
  if (clickable) stopAt(grid, grid.current)
  showLegend(grid.legend, about)
}

/**
 * @param {Legend} legend
 * @param {About} about
 */
function showLegend({ root, least, scale, most }, { colours, ends }) {
  root.hidden = !ends
  if (!ends) return
  const [negative, positive] = colours.map((colour) => `rgb(${colour})`)
  scale.style.background = `linear-gradient(to right, ${negative}, #000, ${positive})`
  least.textContent = ends[0]
  most.textContent = ends[1]
}
