"""One training step for one image, with every number: forward, loss, gradients, update, loss after it.

Sources: Rumelhart, Hinton and Williams 1986 (Nature 323); Goodfellow, Bengio and Courville 2016, ch. 6.5
(algorithms 6.3 and 6.4); for the gradient of softmax and cross-entropy together Bishop 2006, eq. 4.109.
"""

from dataclasses import dataclass

import numpy as np

from model.activations import ACTIVATIONS
from model.config import CLASSES
from model.inference import ForwardPass, Layer, Network, cross_entropy, forward, l2_penalty
from model.slices import Arrays, Values, read_only


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

    Layers are numbered from 0, as in ``Link``: layer l leads from a_l, ``before.activations[l]`` (0: the
    ink), to z_l = a_l W_l + b_l, ``before.pre_activations[l]``, the last of which are the logits. With L
    layers:

    ``before``, ``after``: the image's way through the network, and through the changed one, in which
        every weight is w - rate * dL/dw.
    ``derivatives``, L - 1: f'(z_l) of the hidden layers; for ReLU 0 at 0, as in TensorFlow.
    ``grad_pre_activations``, L: dL/dz_l, which is dL/db_l too. For the logits p - y, y being 1 at the label
        and 0 elsewhere; for the hidden layers dL/da_(l+1) f'(z_l).
    ``grad_activations``, L: dL/da_l = W_l dL/dz_l, that of the ink first. The last, by the probabilities,
        is left out: softmax and cross-entropy are differentiated together.
    ``grad_weights``, L: dL/dW_l = a_l (outer) dL/dz_l + 2 l2 W_l, (inputs, units).
    ``loss`` and ``loss_after``: before and after the step.
    """

    label: int
    rate: float
    l2: float
    before: ForwardPass
    after: ForwardPass
    derivatives: Arrays
    grad_pre_activations: Arrays
    grad_activations: Arrays
    grad_weights: Arrays
    loss: Loss
    loss_after: Loss

    @property
    def network(self) -> Network:
        """The network that takes the step, as it was before."""
        return self.before.network


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
    ``activation`` (a_i) times ``grad_pre_activation`` (dL/dz_j) plus ``decay`` (2 l2 weight)."""

    weight: float
    activation: float
    grad_pre_activation: float
    decay: float
    gradient: float
    after: float


def training_step(image: ForwardPass, label: int, rate: float, l2: float = 0.0) -> TrainingStep:
    """One step of the network on one ``image``, whose digit is ``label``.

    Plain gradient descent with learning rate ``rate`` on the loss with the L2 penalty ``l2``: what Keras
    does with a batch of this one image and SGD. No dropout, no augmentation, no other optimizer.

    Raises:
        ValueError: ``image`` is not the pass of one image, or ``label`` is not a digit.
    """
    if image.ink.ndim != 1 or not 0 <= label < CLASSES:
        raise ValueError(f"Expected one image and a digit; received {image.ink.shape} and {label}.")
    network = image.network
    derivatives = [ACTIVATIONS[network.activation].derivative(a) for a in image.hidden]
    grad_pre_activations = [image.probabilities - np.eye(CLASSES, dtype=np.float32)[label]]
    grad_activations: list[Values] = []
    for index in reversed(range(len(network.layers))):
        grad_activations.insert(0, network.layers[index].kernel @ grad_pre_activations[0])
        if index:
            grad_pre_activations.insert(0, grad_activations[0] * derivatives[index - 1])
    grad_weights: list[Values] = []
    for layer, a, grad in zip(network.layers, (image.ink, *image.hidden), grad_pre_activations, strict=True):
        grad_weight = np.outer(a, grad)
        if l2:
            grad_weight += np.float32(2 * l2) * layer.kernel
        grad_weights.append(grad_weight)
    after = forward(_stepped(network, grad_weights, grad_pre_activations, rate), image.ink).image(0)
    return TrainingStep(
        label=label,
        rate=rate,
        l2=l2,
        before=image,
        after=after,
        derivatives=read_only(derivatives),
        grad_pre_activations=read_only(grad_pre_activations),
        grad_activations=read_only(grad_activations),
        grad_weights=read_only(grad_weights),
        loss=_loss(image, label, l2),
        loss_after=_loss(after, label, l2),
    )


def unit_sum(image: ForwardPass, layer: int, unit: int, count: int) -> WrittenSum:
    """z_j = sum_i w_ij a_i + b_j of unit ``unit`` of layer ``layer``, counted from 0, for one ``image``;
    its ``count`` largest terms are written out."""
    kernel, bias, _activation = image.network.layers[layer]
    return _written(kernel[:, unit], image.activations[layer], count, float(bias[unit]))


def backward_sum(step: TrainingStep, layer: int, unit: int, count: int) -> WrittenSum:
    """dL/da_i = sum_j w_ij dL/dz_j of unit ``unit`` of ``before.activations[layer]`` (0: the pixels), its
    ``count`` largest terms written out."""
    kernel = step.network.layers[layer].kernel
    return _written(kernel[unit], step.grad_pre_activations[layer], count)


def link_step(step: TrainingStep, layer: int, start: int, end: int) -> LinkStep:
    """What ``step`` does to the weight of layer ``layer`` that leads from input ``start`` to unit ``end``."""
    weight = float(step.network.layers[layer].kernel[start, end])
    return LinkStep(
        weight=weight,
        activation=float(step.before.activations[layer][start]),
        grad_pre_activation=float(step.grad_pre_activations[layer][end]),
        decay=2 * step.l2 * weight,
        gradient=float(step.grad_weights[layer][start, end]),
        after=float(step.after.network.layers[layer].kernel[start, end]),
    )


def bias_step(step: TrainingStep, layer: int, end: int) -> LinkStep:
    """What ``step`` does to the bias of unit ``end`` of layer ``layer``: a link from a unit whose
    activation is 1, without decay."""
    gradient = float(step.grad_pre_activations[layer][end])
    return LinkStep(
        weight=float(step.network.layers[layer].bias[end]),
        activation=1.0,
        grad_pre_activation=gradient,
        decay=0.0,
        gradient=gradient,
        after=float(step.after.network.layers[layer].bias[end]),
    )


def _stepped(network: Network, grad_weights: list[Values], grad_biases: list[Values], rate: float) -> Network:
    layers = []
    for layer, grad_weight, grad_bias in zip(network.layers, grad_weights, grad_biases, strict=True):
        kernel = layer.kernel - np.float32(rate) * grad_weight
        bias = layer.bias - np.float32(rate) * grad_bias
        read_only([kernel, bias])
        layers.append(Layer(kernel, bias, layer.activation))
    return Network(tuple(layers))


def _written(weights: Values, values: Values, count: int, bias: float = 0.0) -> WrittenSum:
    products = weights.astype(np.float64) * values
    order = np.argsort(-np.abs(products), kind="stable")
    shown, others = order[:count], order[count:]
    terms = tuple(
        Term(unit, float(weights[unit]), float(values[unit])) for unit in shown.tolist() if products[unit]
    )
    rest = products[others]
    return WrittenSum(terms, float(rest.sum()), int(np.count_nonzero(rest)), bias)


def _loss(image: ForwardPass, label: int, l2: float) -> Loss:
    # In float64: for a network that is very sure float32 makes it 0.
    [loss] = cross_entropy(image.logits[None].astype(np.float64), np.array([label]))
    return Loss(float(loss), l2_penalty(image.network, l2))
