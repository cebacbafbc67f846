"""The activations of hidden units: what each computes, its derivative, its formulas and its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.config import Activation
from model.messages import N_
from model.slices import Values


@dataclass(frozen=True)
class ActivationFunction:
    """``a = f(z)`` of a unit with pre-activation ``z``.

    ``function``: f, elementwise. ``derivative``: f'(z) from the unit's activation a, elementwise.
    ``name``: a message id. ``latex`` and ``derivative_latex``: the formulas; ``latex_of`` and
    ``derivative_latex_of`` the same with numbers, templates for ``string.Template`` with z, a and slope.
    """

    name: str
    function: Callable[[Values], Values]
    derivative: Callable[[Values], Values]
    latex: str
    derivative_latex: str
    latex_of: str
    derivative_latex_of: str


def _relu(z: Values) -> Values:
    return np.maximum(z, 0)


def _relu_derivative(a: Values) -> Values:
    return (a > 0).astype(np.float32)


def _tanh(z: Values) -> Values:
    return np.tanh(z)


def _tanh_derivative(a: Values) -> Values:
    return 1 - a * a


def _sigmoid(z: Values) -> Values:
    # Equal to 1 / (1 + exp(-z)), without its overflow.
    result: Values = np.float32(0.5) * (np.tanh(np.float32(0.5) * z) + np.float32(1))
    return result


def _sigmoid_derivative(a: Values) -> Values:
    return a * (1 - a)


ACTIVATIONS: Mapping[Activation, ActivationFunction] = {
    Activation.RELU: ActivationFunction(
        name=N_("ReLU"),
        function=_relu,
        derivative=_relu_derivative,
        latex=r"a = f(z) = \max(0, z)",
        derivative_latex=r"f'(z) = 1 \text{ if } z > 0, \text{ else } 0",
        latex_of=r"a = \max(0, $z) = $a",
        derivative_latex_of=r"f'($z) = $slope",
    ),
    Activation.TANH: ActivationFunction(
        name=N_("tanh"),
        function=_tanh,
        derivative=_tanh_derivative,
        latex=r"a = f(z) = \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}",
        derivative_latex="f'(z) = 1 - a^2",
        latex_of=r"a = \tanh($z) = $a",
        derivative_latex_of="f'($z) = 1 - ($a)^2 = $slope",
    ),
    Activation.SIGMOID: ActivationFunction(
        name=N_("sigmoid"),
        function=_sigmoid,
        derivative=_sigmoid_derivative,
        latex=r"a = f(z) = \frac{1}{1 + e^{-z}}",
        derivative_latex=r"f'(z) = a \, (1 - a)",
        latex_of=r"a = \frac{1}{1 + e^{-($z)}} = $a",
        derivative_latex_of=r"f'($z) = $a \cdot (1 - $a) = $slope",
    ),
}
