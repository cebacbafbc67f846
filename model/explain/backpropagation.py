"""One training step for one image, with every number: forward, loss, gradients, update, loss after it.

Sources: Rumelhart, Hinton and Williams 1986 (Nature 323); Goodfellow, Bengio and Courville 2016, ch. 6.5
(algorithms 6.3 and 6.4); for the gradient of softmax and cross-entropy together Bishop 2006, eq. 4.109.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from model.config import CLASSES
from model.inference import Images, Network, activations, ink_of, slope, softmax
from model.slices import Arrays, read_only

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Loss:
    """``cross_entropy`` in nats, -log of the label's probability, and the L2 ``penalty``, l2 times the
    sum of all squared weights, biases apart, as Keras counts it."""

    cross_entropy: float
    penalty: float

    @property
    def total(self) -> float:
        """What training minimises: cross-entropy and penalty together, in nats."""
        return self.cross_entropy + self.penalty


@dataclass(frozen=True)
class TrainingStep:
    """One step of gradient descent on one image; all arrays are float32 and read-only.

    Layers are numbered from 0 by the kernel that they begin with, as in ``Link``: ``weights[2 * l]`` W_l
    (inputs, units) leads from ``activations[l]`` to ``sums[l]``. With L kernels:

    ``activations``, L + 1: a_0 the ink (784,), a_(l+1) = f(z_l) of the hidden layers, the last the
        probabilities, softmax(z_(L-1)).
    ``sums``, L: z_l = a_l W_l + b_l; the last are the logits.
    ``slopes``, L - 1: f'(z_l) of the hidden layers; for ReLU 0 at 0, as in TensorFlow.
    ``by_sums``, L: dL/dz_l. For the logits p - y, y being 1 at the label and 0 elsewhere; for the hidden
        layers dL/da_(l+1) f'(z_l).
    ``by_activations``, L: dL/da_l = W_l dL/dz_l, that of the ink first. The last, by the probabilities,
        is left out: softmax and cross-entropy are differentiated together.
    ``by_weights``, 2 L, in the order of the network's weights: dL/dW_l = a_l (outer) dL/dz_l + 2 l2 W_l, then
        dL/db_l = dL/dz_l.
    ``after``: the network with every weight w - rate * dL/dw.
    ``loss`` and ``loss_after``: before and after that.
    """

    network: Network
    label: int
    rate: float
    l2: float
    activations: Arrays
    sums: Arrays
    slopes: Arrays
    by_sums: Arrays
    by_activations: Arrays
    by_weights: Arrays
    after: Network
    likely_after: Values
    loss: Loss
    loss_after: Loss


@dataclass(frozen=True)
class Term:
    """One product of a sum: ``weight`` times the ``value`` that comes from unit ``unit`` at the link's
    other end."""

    unit: int
    weight: float
    value: float

    @property
    def product(self) -> float:
        """What the link adds to the sum."""
        return self.weight * self.value


@dataclass(frozen=True)
class WrittenSum:
    """A sum as its largest ``terms``, without their sign, largest first; the sum ``rest`` of the
    ``smaller`` other ones that are not 0; and the ``bias``, 0 where there is none."""

    terms: tuple[Term, ...]
    rest: float
    smaller: int
    bias: float

    @property
    def total(self) -> float:
        """In float64, so within float32's rounding of the number in the network."""
        return sum(term.product for term in self.terms) + self.rest + self.bias


@dataclass(frozen=True)
class LinkStep:
    """What a step does to one weight: ``after`` = weight - rate * gradient, and the gradient is
    ``passed`` (a_i) times ``by_sum`` (dL/dz_j) plus ``decay`` (2 l2 weight)."""

    weight: float
    passed: float
    by_sum: float
    decay: float
    gradient: float
    after: float


def training_step(network: Network, image: Images, label: int, rate: float, l2: float = 0.0) -> TrainingStep:
    """One step on ``image``, 784 values as ``ink_of`` reads them, whose digit is ``label``.

    Plain gradient descent with learning rate ``rate`` on the loss with the L2 penalty ``l2``: what Keras
    does with a batch of this one image and SGD. No dropout, no augmentation, no other optimizer.

    Raises:
        ValueError: ``image`` is not one image, or ``label`` is not a digit.
    """
    ink = ink_of(image)
    if len(ink) != 1 or not 0 <= label < CLASSES:
        raise ValueError(f"Expected one image and a digit; received {len(ink)} and {label}.")
    kernels, biases = network.weights[::2], network.weights[1::2]
    *hidden, logits = activations(network, ink)
    passed = [ink, *hidden]
    sums = [x @ kernel + bias for x, kernel, bias in zip(passed, kernels[:-1], biases, strict=False)]
    likely = softmax(logits)
    slopes = [slope(x[0], network.activation) for x in hidden]
    by_sums = [likely[0] - np.eye(CLASSES, dtype=np.float32)[label]]
    by_activations: list[Values] = []
    for layer in reversed(range(len(kernels))):
        by_activations.insert(0, kernels[layer] @ by_sums[0])
        if layer:
            by_sums.insert(0, by_activations[0] * slopes[layer - 1])
    by_weights: list[Values] = []
    for x, by_sum, kernel in zip(passed, by_sums, kernels, strict=True):
        by_kernel = np.outer(x[0], by_sum)
        if l2:
            by_kernel += np.float32(2 * l2) * kernel
        by_weights += [by_kernel, by_sum]
    changed = [
        weight - np.float32(rate) * gradient
        for weight, gradient in zip(network.weights, by_weights, strict=True)
    ]
    after = Network(read_only(changed), network.activation)
    logits_after = activations(after, ink)[-1]
    return TrainingStep(
        network=network,
        label=label,
        rate=rate,
        l2=l2,
        activations=read_only([x[0] for x in (*passed, likely)]),
        sums=read_only([z[0] for z in (*sums, logits)]),
        slopes=read_only(slopes),
        by_sums=read_only(by_sums),
        by_activations=read_only(by_activations),
        by_weights=read_only(by_weights),
        after=after,
        likely_after=read_only([softmax(logits_after)[0]])[0],
        loss=_loss(network, logits[0], label, l2),
        loss_after=_loss(after, logits_after[0], label, l2),
    )


def unit_sum(network: Network, passed: Values, layer: int, unit: int, count: int) -> WrittenSum:
    """z_j = sum_i w_ij a_i + b_j of unit ``unit`` behind kernel ``layer``, its ``count`` largest terms
    written out. ``passed``, float32 (inputs,), are the a_i: ``activations[layer]`` of a step."""
    weights, biases = network.weights[2 * layer : 2 * layer + 2]
    return _written(weights[:, unit], passed, count, float(biases[unit]))


def backward_sum(step: TrainingStep, layer: int, unit: int, count: int) -> WrittenSum:
    """dL/da_i = sum_j w_ij dL/dz_j of unit ``unit`` of ``activations[layer]`` (0: the pixels), its
    ``count`` largest terms written out."""
    return _written(step.network.weights[2 * layer][unit], step.by_sums[layer], count)


def link_step(step: TrainingStep, layer: int, start: int, end: int) -> LinkStep:
    """What ``step`` does to the weight between ``activations[layer][start]`` and ``sums[layer][end]``."""
    weight = float(step.network.weights[2 * layer][start, end])
    return LinkStep(
        weight=weight,
        passed=float(step.activations[layer][start]),
        by_sum=float(step.by_sums[layer][end]),
        decay=2 * step.l2 * weight,
        gradient=float(step.by_weights[2 * layer][start, end]),
        after=float(step.after.weights[2 * layer][start, end]),
    )


def bias_step(step: TrainingStep, layer: int, end: int) -> LinkStep:
    """What ``step`` does to the bias in ``sums[layer][end]``: a link through which 1 is passed on, without
    decay."""
    place = 2 * layer + 1
    return LinkStep(
        weight=float(step.network.weights[place][end]),
        passed=1.0,
        by_sum=float(step.by_sums[layer][end]),
        decay=0.0,
        gradient=float(step.by_weights[place][end]),
        after=float(step.after.weights[place][end]),
    )


def _written(weights: Values, values: Values, count: int, bias: float = 0.0) -> WrittenSum:
    products = weights.astype(np.float64) * values
    order = np.argsort(-np.abs(products), kind="stable")
    shown, others = order[:count], order[count:]
    terms = tuple(
        Term(unit, float(weights[unit]), float(values[unit])) for unit in shown.tolist() if products[unit]
    )
    rest = products[others]
    return WrittenSum(terms, float(rest.sum()), int(np.count_nonzero(rest)), bias)


def _loss(network: Network, logits: Values, label: int, l2: float) -> Loss:
    # Not -log of the probability: as float32 that is 0 or 1 for a network that is very sure.
    cross_entropy = -float(special.log_softmax(logits.astype(np.float64))[label])
    penalty = l2 * sum(float(np.square(kernel).sum()) for kernel in network.weights[::2])
    return Loss(cross_entropy, penalty)
