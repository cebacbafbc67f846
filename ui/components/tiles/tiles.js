// Pictures of 28 x 28 as a grid. New pictures are painted on the canvases that are there, so nothing
// flickers while epochs play, and the focus stays. One of them is a stop for Tab; arrows lead on.

const SIDE = 28
const FULL = 127
const grids = new WeakMap()

export function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const pictures = new Int8Array(bytes.buffer, bytes.byteOffset + 4 + length, bytes.length - 4 - length)
  return { ...about, pictures }
}

function build(parent) {
  const root = document.createElement("div")
  root.innerHTML = `<div class="tiles" role="group"></div><div class="legend"><b></b><i></i><b></b></div>`
  parent.append(root)
  const grid = { root, place: root.firstChild, tiles: [], current: 0, click: null }
  grid.place.addEventListener("keydown", event => walk(grid, event))
  grid.place.addEventListener("focusin", event => stopAt(grid, grid.tiles.indexOf(event.target)))
  return grid
}

function addTile(grid, clickable) {
  const tile = document.createElement(clickable ? "button" : "div")
  tile.className = "tile"
  tile.innerHTML = `
    <span class="picture"><canvas width="${SIDE}" height="${SIDE}"></canvas></span>
    <span class="caption"></span>`
  if (clickable) {
    tile.type = "button"
    tile.addEventListener("click", () => grid.click(grid.tiles.indexOf(tile)))
  } else {
    tile.setAttribute("role", "img")
  }
  grid.tiles.push(tile)
  grid.place.append(tile)
}

function stopAt(grid, place) {
  grid.current = Math.max(0, Math.min(place, grid.tiles.length - 1))
  grid.tiles.forEach((tile, i) => (tile.tabIndex = i === grid.current ? 0 : -1))
}

function walk(grid, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  const top = grid.tiles[0].offsetTop
  const columns = grid.tiles.filter(tile => tile.offsetTop === top).length
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }
  const ends = { Home: 0, End: grid.tiles.length - 1 }
  const place = event.key in ends ? ends[event.key] : grid.current + steps[event.key]
  if (Number.isNaN(place)) return
  event.preventDefault()
  grid.tiles[place]?.focus()
}

function paint(canvas, values, [negative, positive]) {
  const context = canvas.getContext("2d")
  const image = context.createImageData(SIDE, SIDE)
  for (let i = 0; i < values.length; i++) {
    const colour = values[i] < 0 ? negative : positive
    const share = Math.abs(values[i]) / FULL
    for (let channel = 0; channel < 3; channel++) image.data[4 * i + channel] = share * colour[channel]
    image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

function show(grid, { names, captions, marked, colours, ends, alt, side, clickable, pictures }) {
  while (grid.tiles.length > names.length) grid.tiles.pop().remove()
  while (grid.tiles.length < names.length) addTile(grid, clickable)
  grid.root.style.setProperty("--side", `${side}px`)
  grid.place.setAttribute("aria-label", alt)
  const struck = new Set(marked)
  grid.tiles.forEach((tile, i) => {
    tile.title = names[i]
    tile.setAttribute("aria-label", names[i])
    tile.classList.toggle("marked", struck.has(i))
    tile.querySelector(".caption").textContent = captions[i] ?? ""
    paint(tile.querySelector("canvas"), pictures.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), colours)
  })
  if (clickable) stopAt(grid, grid.current)
  const legend = grid.root.lastChild
  legend.hidden = !ends
  if (!ends) return
  const [negative, positive] = colours.map(colour => `rgb(${colour})`)
  legend.children[1].style.background = `linear-gradient(to right, ${negative}, #000, ${positive})`
  legend.children[0].textContent = ends[0]
  legend.children[2].textContent = ends[1]
}

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = grids.get(parentElement) ?? build(parentElement)
  grids.set(parentElement, grid)
  grid.click = place => setTriggerValue("clicked", place)
  show(grid, decode(data))
}
