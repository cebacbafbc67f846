// @ts-check
// The forward pass, as model/inference.py does it on the server.

import { unpack } from "../packing.js"
import { floatsOfHalves } from "./half_floats.js"

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
 * @property {number} readSide pixels a side that the pad is read at
 *
 * @typedef {object} Answer
 * @property {number[] | null} probabilities of the ten digits, or null for a blank
 * @property {ArrayLike<number> | null} hidden activations of the last hidden layer, or null where there is none
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Network}
 */
export function decodeNetwork(bytes) {
  const { header, values } = unpack(bytes)
  const { sizes, ...about } = header
  const floats = floatsOfHalves(values)
  const layers = []
  let start = 0
  /** @param {number} length */
  const next = (length) => floats.subarray(start, start += length)
  for (let i = 1; i < sizes.length; i++) {
    layers.push({ kernel: next(sizes[i - 1] * sizes[i]), bias: next(sizes[i]) })
  }
  return { ...about, layers }
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
