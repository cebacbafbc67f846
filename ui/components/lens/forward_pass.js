// @ts-check
// The forward pass, as model/inference.py does it on the server.

import { gunzip, unpack } from "../packing.js"

/** @import { Preparation } from "./preparation.js" */

/**
 * @typedef {object} Layer
 * @property {Float32Array} kernel (inputs, units), row by row
 * @property {Float32Array} bias (units)
 *
 * @typedef {object} Network
 * @property {string} key
 * @property {keyof typeof ACTIVATIONS} activation
 * @property {Layer[]} layers
 * @property {Preparation} preparation how its ink is prepared
 *
 * @typedef {object} Answer
 * @property {number[] | null} probabilities of the ten digits, or null for a blank
 * @property {ArrayLike<number> | null} hidden activations of the last hidden layer, or null where there is none
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes as packed by __init__.py
 * @returns {Promise<Network>}
 */
export async function decodeNetwork(bytes) {
  const { header, values } = unpack(await gunzip(bytes))
  const { sizes, ...about } = header
  return { ...about, layers: layersOf(sizes, values) }
}

/**
 * @param {number[]} sizes
 * @param {Uint8Array<ArrayBuffer>} values
 * @returns {Layer[]}
 */
function layersOf(sizes, values) {
  const pairs = sizes.slice(1).map((units, i) => ({ inputs: sizes[i], units }))
  const floatCount = pairs.reduce((sum, { inputs, units }) => sum + inputs + units, 0)
  // Copies, for floats have to begin at a fourth byte.
  const floats = new Float32Array(values.slice(0, 4 * floatCount).buffer)
  const codes = new Int8Array(values.slice(4 * floatCount).buffer)
  let [float, code] = [0, 0]
  return pairs.map(({ inputs, units }) => {
    const steps = floats.subarray(float, float += inputs)
    const bias = floats.subarray(float, float += units)
    const kernel = Float32Array.from(codes.subarray(code, code += inputs * units))
    for (let i = 0; i < kernel.length; i++) kernel[i] *= steps[Math.floor(i / units)]
    return { kernel, bias }
  })
}

const ACTIVATIONS = {
  /** @param {number} z */
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  /** @param {number} z */
  sigmoid: (z) => 0.5 * (Math.tanh(0.5 * z) + 1),
}

/**
 * @param {Network} network
 * @param {Float32Array} ink
 * @returns {Answer}
 */
export function forward(network, ink) {
  const activate = ACTIVATIONS[network.activation]
  const hiddenLayers = network.layers.slice(0, -1)
  let activations = ink
  for (const layer of hiddenLayers) activations = preActivations(layer, activations).map(activate)
  const logits = preActivations(network.layers[hiddenLayers.length], activations)
  return { probabilities: softmax(logits), hidden: hiddenLayers.length ? activations : null }
}

/**
 * @param {Layer} layer
 * @param {Float32Array} inputs
 */
function preActivations({ kernel, bias }, inputs) {
  const sums = Float32Array.from(bias)
  const units = sums.length
  for (let i = 0; i < inputs.length; i++) {
    const value = inputs[i]
    if (value === 0) continue
    for (let j = 0, weight = i * units; j < units; j++, weight++) sums[j] += value * kernel[weight]
  }
  return sums
}

/** @param {Float32Array} logits */
function softmax(logits) {
  const max = Math.max(...logits)
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - max))
  const total = exponentials.reduce((sum, value) => sum + value, 0)
  return exponentials.map((value) => value / total)
}
