// The softmax panel: ten bars, and the last hidden layer beside them. The server's answer stands in it
// until the pen moves; then, at every frame, the pixels on the pad are prepared as the server does
// (model/drawing/strokes.py: prepare_pixels) and go through the network in the browser, until the server answers.

const SIDE = 28
const BOX = 19.6
const CENTRE = 14.5
const FAINT = 0.1
// The pad is read at this many pixels a side, however many the screen has.
const READ_SIDE = 280
const UNITS_SIDE = 96
const SHOWN_FROM = 0.005

// Both mounts of this component, the panel and the weights, find each other here.
const networks = (globalThis.digitlabNetworks ??= new Map())
const panels = new Map()

// ---- The network

export function decodeNetwork(bytes) {
  const header = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const start = bytes.byteOffset + 4
  const { key, activation, sizes } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + header)))
  const halves = new Uint16Array(bytes.slice(4 + header).buffer)
  const floats = Float32Array.from(halves, fromHalf)
  const layers = []
  let place = 0
  for (let i = 1; i < sizes.length; i++) {
    const kernel = floats.subarray(place, (place += sizes[i - 1] * sizes[i]))
    layers.push({ kernel, bias: floats.subarray(place, (place += sizes[i])) })
  }
  return { key, activation, layers }
}

// IEEE 754 half precision.
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const ACTIVATIONS = {
  relu: sum => Math.max(sum, 0),
  tanh: Math.tanh,
  sigmoid: sum => 0.5 * (Math.tanh(0.5 * sum) + 1),
}

// The ten probabilities and what the last hidden layer passes on (null where there is none).
export function forward(network, ink) {
  const activate = ACTIVATIONS[network.activation]
  let passedOn = ink
  let hidden = null
  network.layers.forEach(({ kernel, bias }, number) => {
    const sums = Float32Array.from(bias)
    const units = sums.length
    for (let i = 0; i < passedOn.length; i++) {
      const value = passedOn[i]
      if (value === 0) continue
      for (let j = 0, link = i * units; j < units; j++, link++) sums[j] += value * kernel[link]
    }
    if (number < network.layers.length - 1) hidden = sums.map(activate)
    passedOn = number < network.layers.length - 1 ? hidden : sums
  })
  return { shares: softmax(passedOn), hidden }
}

function softmax(logits) {
  const most = Math.max(...logits)
  const exponentials = Array.from(logits, logit => Math.exp(logit - most))
  const total = exponentials.reduce((sum, value) => sum + value, 0)
  return exponentials.map(value => value / total)
}

// ---- The ink

// picture: Float32Array of width x height, 1 is full ink. The ink of 784 pixels, or null for a blank.
export function preparePixels(picture, width, height) {
  const rows = { mass: new Float64Array(height), darkest: new Float32Array(height) }
  const columns = { mass: new Float64Array(width), darkest: new Float32Array(width) }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = picture[i]
      if (value === 0) continue
      rows.mass[y] += value
      columns.mass[x] += value
      if (value > rows.darkest[y]) rows.darkest[y] = value
      if (value > columns.darkest[x]) columns.darkest[x] = value
    }
  }
  if (!rows.darkest.some(value => value > FAINT)) return null
  const scale = BOX / Math.max(span(rows.darkest), span(columns.darkest))
  const across = areaShares(columns.mass, scale)
  const down = areaShares(rows.mass, scale)
  const ink = new Float32Array(SIDE * SIDE)
  const line = new Float32Array(SIDE)
  for (let y = 0; y < height; y++) {
    if (rows.mass[y] === 0 || down[y].length === 0) continue
    line.fill(0)
    for (let x = 0; x < width; x++) {
      const value = picture[y * width + x]
      if (value !== 0) for (const [column, share] of across[x]) line[column] += value * share
    }
    for (const [row, share] of down[y]) {
      for (let column = 0; column < SIDE; column++) ink[row * SIDE + column] += line[column] * share
    }
  }
  return ink.map(value => Math.min(Math.max(value, 0), 1))
}

// How long the ink is, grey ends counting by their grey.
function span(darkest) {
  const first = darkest.findIndex(value => value > FAINT)
  const last = darkest.findLastIndex(value => value > FAINT)
  return Math.max(last - first - 1 + darkest[first] + darkest[last], 1)
}

// For each source pixel along one axis, the pixels of the ink that it lies in and its share in them.
function areaShares(mass, scale) {
  let total = 0
  let moment = 0
  mass.forEach((value, place) => {
    total += value
    moment += value * (place + 0.5)
  })
  const centre = moment / total
  const edge = number => (number - CENTRE) / scale + centre
  return Array.from(mass, (_, place) => {
    const shares = []
    const first = Math.max(Math.floor((place - centre) * scale + CENTRE), 0)
    for (let number = first; number < SIDE && edge(number) < place + 1; number++) {
      const covered = Math.min(edge(number + 1), place + 1) - Math.max(edge(number), place)
      if (covered > 0) shares.push([number, covered * scale])
    }
    return shares
  })
}

const reader = { canvas: null, picture: new Float32Array(READ_SIDE * READ_SIDE) }

// What stands on the canvases of a pad, one above the other, white ink on black.
function readPad(canvases) {
  reader.canvas ??= Object.assign(document.createElement("canvas"), { width: READ_SIDE, height: READ_SIDE })
  const context = reader.canvas.getContext("2d", { willReadFrequently: true })
  context.fillRect(0, 0, READ_SIDE, READ_SIDE)
  for (const canvas of canvases) context.drawImage(canvas, 0, 0, READ_SIDE, READ_SIDE)
  const { data } = context.getImageData(0, 0, READ_SIDE, READ_SIDE)
  for (let i = 0; i < reader.picture.length; i++) reader.picture[i] = data[4 * i] / 255
  return reader.picture
}

// ---- The pen

const pen = { canvases: null, isDown: false, frame: null }

function penDown(event) {
  const path = event.composedPath()
  const isOnPad = path.some(element => element.classList?.contains("st-key-pad"))
  const container = path.find(element => element.classList?.contains("canvas-container"))
  pen.isDown = Boolean(isOnPad && container)
  pen.canvases = pen.isDown ? container.querySelectorAll("canvas") : null
}

function penMove() {
  if (pen.isDown) pen.frame ??= requestAnimationFrame(answerLive)
}

function penUp() {
  pen.isDown = false
}

function answerLive() {
  pen.frame = null
  if (!pen.isDown) return
  for (const panel of panels.values()) {
    const network = networks.get(panel.server.key)
    if (!network || !panel.root.isConnected) continue
    const ink = preparePixels(readPad(pen.canvases), READ_SIDE, READ_SIDE)
    if (ink) show(panel, "live", forward(network, ink))
  }
}

const LISTENING = { capture: true, passive: true }
addEventListener("pointerdown", penDown, LISTENING)
addEventListener("pointermove", penMove, LISTENING)
addEventListener("pointerup", penUp, LISTENING)
addEventListener("pointercancel", penUp, LISTENING)

// ---- The panel

function build(parent) {
  const root = document.createElement("div")
  root.className = "panel"
  root.innerHTML = `
    <div class="bars" role="img"></div>
    <figure><canvas role="img"></canvas><figcaption></figcaption></figure>
    <p class="spoken" aria-live="polite"></p>`
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = document.createElement("div")
    bar.dataset.digit = digit
    bar.innerHTML = `<span></span><i></i><b>${digit}</b>`
    return bar
  })
  root.querySelector(".bars").append(...bars)
  parent.append(root)
  return { root, bars, units: root.querySelector("canvas"), server: null }
}

function show(panel, state, { shares, hidden }) {
  const best = shares ? shares.indexOf(Math.max(...shares)) : -1
  panel.bars.forEach((bar, digit) => {
    const share = shares?.[digit] ?? 0
    bar.dataset.value = share
    bar.className = digit === best ? "best" : ""
    bar.children[0].textContent = share >= SHOWN_FROM ? panel.percent.format(share) : ""
    bar.children[1].style.height = `${100 * share}px`
  })
  lightUnits(panel.units, hidden)
  panel.root.dataset.answer = best
  panel.root.dataset.state = state
}

// One square a unit, as bright as it is active beside the most active one.
function lightUnits(canvas, hidden) {
  canvas.parentElement.hidden = !hidden
  if (!hidden) return
  const columns = Math.ceil(Math.sqrt(hidden.length))
  const cell = Math.floor((2 * UNITS_SIDE) / columns)
  canvas.width = columns * cell
  canvas.height = Math.ceil(hidden.length / columns) * cell
  const context = canvas.getContext("2d")
  context.fillStyle = getComputedStyle(canvas).color
  const most = Math.max(...hidden.map(Math.abs), 1e-9)
  hidden.forEach((value, unit) => {
    context.globalAlpha = 0.08 + (0.92 * Math.abs(value)) / most
    context.fillRect((unit % columns) * cell, Math.floor(unit / columns) * cell, cell - 2, cell - 2)
  })
}

export default function ({ data, parentElement }) {
  if (data instanceof Uint8Array) {
    const network = decodeNetwork(data)
    networks.clear()
    networks.set(network.key, network)
    return
  }
  for (const [parent] of panels) if (!parent.isConnected) panels.delete(parent)
  const panel = panels.get(parentElement) ?? build(parentElement)
  panels.set(parentElement, panel)
  panel.server = data
  panel.percent = new Intl.NumberFormat(data.language, { style: "percent" })
  panel.root.querySelector(".bars").setAttribute("aria-label", data.alt)
  panel.units.setAttribute("aria-label", data.units)
  panel.root.querySelector("figcaption").textContent = data.units
  panel.root.querySelector(".spoken").textContent = data.spoken
  if (!pen.isDown) show(panel, "server", data)
}
