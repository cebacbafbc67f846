"""A model card in plain words: what a network is, where it comes from, and what it is not good for.

After Mitchell et al. 2019, "Model Cards for Model Reporting", as short as a pupil will read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from model.activations import ACTIVATIONS
from model.config import OPTIMIZER_NAMES, TRAINING_IMAGES, TrainingConfig, layers_text
from model.evaluation.metrics import Evaluation, digit_scores
from model.export.run_script import RateChange, learning_rates
from model.messages import N_, Message
from model.starter.starter import HELD_OUT
from model.version import VERSION

# Whose hands: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", III.A.
MNIST = Message(
    N_(
        "MNIST: digits written by employees of the US Census Bureau and by US high-school students. "
        "Collected by Y. LeCun, C. Cortes and C. J. C. Burges. Licence: CC BY-SA 3.0."
    )
)


class Origin(StrEnum):
    """Where a network comes from: a visitor's own RUN, the LESSON's, the STARTER, or an imported FILE."""

    RUN = "run"
    LESSON = "lesson"
    STARTER = "starter"
    FILE = "file"


@dataclass(frozen=True)
class Section:
    """A heading and the sentences below it, each a line of its own."""

    heading: Message
    lines: tuple[Message, ...]


def model_card(
    recipe: TrainingConfig,
    epoch: int,
    origin: Origin,
    test: Evaluation,
    own: Evaluation | None = None,
    changes: Sequence[RateChange] = (),
) -> tuple[Section, ...]:
    """The card of a network after ``epoch`` of a run of ``recipe`` with these ``changes``; of the starter's
    ``recipe`` only the layers and the activation count.

    ``test`` was measured on the MNIST test images, ``own`` on digits that the visitor drew.
    """
    rates = [rate for _step, rate in learning_rates(recipe, epoch, changes)]
    return (
        Section(Message(N_("Model details")), _what(recipe)),
        Section(Message(N_("Origin")), (_whence(origin, epoch), _exported())),
        Section(Message(N_("Training data")), _learned_from(recipe, origin)),
        Section(Message(N_("Training")), _how(recipe, origin, rates)),
        Section(Message(N_("Evaluation")), _figures(recipe, test, own)),
        Section(Message(N_("Limitations")), _limits(origin)),
    )


def _what(config: TrainingConfig) -> tuple[Message, ...]:
    return (
        Message(
            N_(
                "A small neural network that reads one handwritten digit. It predicts a probability for each "
                "digit from 0 to 9."
            )
        ),
        Message(
            N_(
                "Input: 28 × 28 numbers from 0 (paper) to 1 (ink). Preprocessing as in MNIST: the ink is "
                "scaled to fit 20 × 20 pixels, then its centre of mass is moved to the middle."
            )
        ),
        Message(
            N_("Layers: {layers}. Weights and biases: {count}. Activation: {activation}. Output: softmax."),
            {
                "layers": layers_text(config.layer_sizes),
                "count": config.parameter_count,
                "activation": Message(ACTIVATIONS[config.activation].name),
            },
        )
        if config.hidden_layers
        else Message(
            N_("Layers: {layers}, no hidden layers. Weights and biases: {count}. Output: softmax."),
            {"layers": layers_text(config.layer_sizes), "count": config.parameter_count},
        ),
    )


def _whence(origin: Origin, epoch: int) -> Message:
    match origin:
        case Origin.RUN:
            return Message(N_("Trained in Digit Lab. Weights after epoch {epoch}."), {"epoch": epoch})
        case Origin.LESSON:
            return Message(
                N_("The lesson network, included in Digit Lab. Weights after epoch {epoch}."),
                {"epoch": epoch},
            )
        case Origin.STARTER:
            return Message(N_("The starter, a pre-trained network included in Digit Lab."))
        case Origin.FILE:
            return Message(
                N_(
                    "Imported from a file. According to the file, these are the weights after epoch {epoch}. "
                    "The training details also come from the file and were not checked."
                ),
                {"epoch": epoch},
            )


def _exported() -> Message:
    return Message(N_("Model card from Digit Lab {version}."), {"version": VERSION})


def _learned_from(config: TrainingConfig, origin: Origin) -> tuple[Message, ...]:
    if origin == Origin.STARTER:
        text = N_("{count} MNIST training images, plus computer-generated digits.")
        not_digits = N_(
            "It learned what is not a digit from computer-generated letters, scribbles and numbers of two "
            "digits."
        )
        return Message(text, {"count": TRAINING_IMAGES - HELD_OUT}), Message(not_digits), MNIST
    text = N_("{count} of the 60,000 MNIST training images.")
    return Message(text, {"count": config.training_images}), MNIST


def _how(config: TrainingConfig, origin: Origin, rates: list[float]) -> tuple[Message, ...]:
    if origin == Origin.STARTER:
        return (
            Message(
                N_(
                    "Augmentation: each image was changed at random whenever it was used: shifted, "
                    "rotated, stretched, slanted, bent, made thicker or thinner. The "
                    "weights are an average over the last training steps."
                )
            ),
        )
    lines = [
        Message(
            N_(
                "Optimizer: {optimizer}. Learning rate: {rate}. Batch size: {batch}. Seed for the initial "
                "weights and the order of the images: {seed}."
            ),
            {
                "optimizer": Message(OPTIMIZER_NAMES[config.optimizer]),
                "rate": rates[0],
                "batch": config.batch_size,
                "seed": str(config.seed),
            },
        )
    ]
    if len(rates) > 1:
        text = N_("The learning rate was changed during training. Last value: {rate}.")
        lines.append(Message(text, {"rate": rates[-1]}))
    for value, text in (
        (config.dropout if config.hidden_layers else 0.0, N_("Dropout: {value}.")),
        (config.l2, N_("L2 penalty: {value}.")),
        (
            config.augmentation,
            N_("Augmentation: the images were changed at random in every epoch, with strength {value}."),
        ),
    ):
        if value:
            lines.append(Message(text, {"value": value}))
    return tuple(lines)


def _figures(config: TrainingConfig, test: Evaluation, own: Evaluation | None) -> tuple[Message, ...]:
    recall = digit_scores(test.confusion).recall
    lines = [
        Message(
            N_(
                "Accuracy on {count} MNIST test images: {accuracy}% (95% interval: {low}% to {high}%). "
                "Loss: {loss}."
            ),
            {**_measured(test), "loss": round(test.loss, 4)},
        ),
        Message(
            N_("Lowest recall: digit {digit}, of which {recall}% are classified correctly."),
            {"digit": str(recall.argmin()), "recall": _percent(float(recall.min()))},
        ),
    ]
    if own is not None and len(own.labels):
        text = N_(
            "Accuracy on {count} digits drawn by hand in Digit Lab: {accuracy}% (95% interval: {low}% "
            "to {high}%)."
        )
        lines.append(Message(text, _measured(own)))
    if config.validates_on_test_images:
        text = N_(
            "The test images were also used for validation. If they helped to choose a setting or the "
            "epoch, these results are slightly optimistic."
        )
        lines.append(Message(text))
    return tuple(lines)


def _limits(origin: Origin) -> tuple[Message, ...]:
    hands = Message(
        N_("It is less accurate on handwriting unlike that of MNIST: a 1 with a flag or a crossed 7.")
    )
    return (
        Message(N_("It predicts one digit for any image, even for letters, scribbles or several digits.")),
        # The starter has learned from such hands too, and reads them as well.
        *(() if origin == Origin.STARTER else (hands,)),
        Message(N_("It is less accurate on images without the preprocessing described above.")),
        Message(N_("A high probability is no guarantee: confident predictions can be wrong.")),
        Message(
            N_(
                "It was made for teaching. Do not use it where errors matter, such as for money, marks or "
                "addresses."
            )
        ),
    )


def _measured(result: Evaluation) -> dict[str, float]:
    low, high = result.accuracy_interval
    shares = {"accuracy": result.accuracy, "low": low, "high": high}
    return {"count": len(result.labels), **{name: _percent(share) for name, share in shares.items()}}


def _percent(share: float) -> float:
    return round(100 * share, 2)
