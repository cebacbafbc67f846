// @ts-check
// The softmax panel. The server's answer stands in it until the pen moves; then, at every frame, the strokes
// on the pad are prepared as the server does and go through the network in the browser, until the server
// answers.

import { decodeNetwork, forward } from "./forward_pass.js"
import { buildPanel, label, show } from "./panel.js"
import { followPen } from "./pen.js"
import { prepareStrokes } from "./preparation.js"

/**
 * @import { Answer, Network } from "./forward_pass.js"
 * @import { Panel, Texts } from "./panel.js"
 * @import { Drawing } from "./pen.js"
 * @import { Point } from "../strokes.js"
 *
 * @typedef {object} Lens
 * @property {string} key of the network that answers
 * @property {Panel} panel
 * @property {ReturnType<typeof followPen>} pen
 * @property {(() => void) | null} unmount
 */

// State stands in the module, never on globalThis: Streamlit loads this script once a visit, so the mounts
// of the component, the panel's and the weights', share it.
/** @type {Map<string, Network>} by key */
const networks = new Map()
/** @type {WeakMap<HTMLElement, Lens>} */
const lenses = new WeakMap()

/** @param {Mount<Uint8Array<ArrayBuffer> | (Answer & Texts & { key: string, drawing: Drawing | null })>} mount */
export default function ({ data, parentElement }) {
  if (data instanceof Uint8Array) {
    return keep(decodeNetwork(data))
  }
  const lens = lenses.get(parentElement) ?? build(parentElement)
  lenses.set(parentElement, lens)
  lens.key = data.key
  lens.pen.know(data.drawing)
  label(lens.panel, data)
  if (!lens.pen.isDown()) show(lens.panel, "server", data)
  const unmount = () => {
    // A call that was overtaken while the script loaded is unmounted after the next one has begun.
    if (lens.unmount !== unmount) return
    lens.pen.leave()
    lenses.delete(parentElement)
  }
  lens.unmount = unmount
  return unmount
}

/**
 * @param {Promise<Network>} decoding
 * @returns {() => void} forgets it
 */
function keep(decoding) {
  let isWanted = true
  decoding.then((network) => {
    if (isWanted) networks.set(network.key, network)
  }, console.error)
  return () => {
    isWanted = false
    decoding.then((network) => {
      if (networks.get(network.key) === network) networks.delete(network.key)
    }, () => {})
  }
}

/**
 * @param {HTMLElement} parent
 * @returns {Lens}
 */
function build(parent) {
  /** @type {Lens} */
  const lens = {
    key: "",
    panel: buildPanel(parent),
    pen: followPen((strokes) => answer(lens, strokes)),
    unmount: null,
  }
  return lens
}

/**
 * @param {Lens} lens
 * @param {Point[][]} strokes
 */
function answer({ key, panel }, strokes) {
  const network = networks.get(key)
  if (!network) return
  const ink = prepareStrokes(strokes, network.preparation)
  if (ink) show(panel, "live", forward(network, ink))
}
