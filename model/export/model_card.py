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


class Origin(StrEnum):
    """Where a network comes from: a visitor's own RUN, the LESSON's, the STARTER, or a FILE that was
    brought back."""

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
        Section(Message(N_("What it is")), _what(recipe)),
        Section(Message(N_("Where it comes from")), (_whence(origin, epoch),)),
        Section(Message(N_("What it learned from")), _learned_from(recipe, origin)),
        Section(Message(N_("How it was trained")), _how(recipe, origin, rates)),
        Section(Message(N_("How good it is")), _figures(recipe, test, own)),
        Section(Message(N_("What it is not good for")), _limits(origin)),
    )


def _what(config: TrainingConfig) -> tuple[Message, ...]:
    return (
        Message(
            N_(
                "A small neural network that reads one handwritten digit. It gives each digit from 0 to 9 a "
                "probability."
            )
        ),
        Message(
            N_(
                "It reads 28 × 28 numbers from 0 (paper) to 1 (ink), prepared as in MNIST: the ink fitted "
                "into 20 × 20 pixels, its centre of mass in the middle."
            )
        ),
        Message(
            N_(
                "Layers: {layers}. Weights and biases: {count}. Activation: {activation}, at the end softmax."
            ),
            {
                "layers": layers_text(config.layer_sizes),
                "count": config.parameter_count,
                "activation": Message(ACTIVATIONS[config.activation].name),
            },
        )
        if config.hidden_layers
        else Message(
            N_("Layers: {layers}, none of them hidden. Weights and biases: {count}. At the end softmax."),
            {"layers": layers_text(config.layer_sizes), "count": config.parameter_count},
        ),
    )


def _whence(origin: Origin, epoch: int) -> Message:
    match origin:
        case Origin.RUN:
            return Message(
                N_("Trained in Digit Lab; these are its weights after epoch {epoch}."), {"epoch": epoch}
            )
        case Origin.LESSON:
            return Message(
                N_("The network of the lesson, which comes with Digit Lab, after epoch {epoch}."),
                {"epoch": epoch},
            )
        case Origin.STARTER:
            return Message(N_("The starter, the ready-trained network that comes with Digit Lab."))
        case Origin.FILE:
            return Message(
                N_(
                    "From a file, which says that these are its weights after epoch {epoch}. How it was "
                    "trained is what that file says, and was not checked."
                ),
                {"epoch": epoch},
            )


def _learned_from(config: TrainingConfig, origin: Origin) -> tuple[Message, ...]:
    # Whose hands: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", III.A.
    mnist = Message(
        N_(
            "MNIST are digits written by employees of the Census Bureau and by high-school students in "
            "the United States; collected by Y. LeCun, C. Cortes and C. J. C. Burges, under CC BY-SA 3.0."
        )
    )
    if origin == Origin.STARTER:
        text = N_("{count} training images of MNIST, and digits and scribbles that a program wrote.")
        return Message(text, {"count": TRAINING_IMAGES - HELD_OUT}), mnist
    text = N_("{count} of the 60,000 training images of MNIST.")
    return Message(text, {"count": config.training_images}), mnist


def _how(config: TrainingConfig, origin: Origin, rates: list[float]) -> tuple[Message, ...]:
    if origin == Origin.STARTER:
        return (
            Message(
                N_(
                    "Every image was stretched, turned and bent at random each time it was seen, and the "
                    "weights are an average over the last steps."
                )
            ),
        )
    lines = [
        Message(
            N_(
                "Optimizer {optimizer}, learning rate {rate}, batches of {batch} images, first weights and "
                "order of the images from seed {seed}."
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
        text = N_("The learning rate was changed on the way, to {rate} in the end.")
        lines.append(Message(text, {"rate": rates[-1]}))
    for value, text in (
        (config.dropout if config.hidden_layers else 0.0, N_("Dropout {value}.")),
        (config.l2, N_("L2 penalty {value}.")),
        (
            config.augmentation,
            N_("Every image was changed at random each time it was seen, strength {value}."),
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
                "Of {count} MNIST test images it reads {accuracy} % rightly (95 % interval: {low} to "
                "{high}); loss {loss}."
            ),
            {**_measured(test), "loss": round(test.loss, 4)},
        ),
        Message(
            N_("The digit that it finds least often is {digit}, {recall} % of them."),
            {"digit": str(recall.argmin()), "recall": _percent(float(recall.min()))},
        ),
    ]
    if own is not None and len(own.labels):
        text = N_(
            "Of {count} digits drawn by hand in Digit Lab it reads {accuracy} % rightly ({low} to {high})."
        )
        lines.append(Message(text, _measured(own)))
    if config.validates_on_test_images:
        text = N_(
            "It was validated on the same test images: if they helped to choose a setting or the epoch, "
            "these figures are a little too good."
        )
        lines.append(Message(text))
    return tuple(lines)


def _limits(origin: Origin) -> tuple[Message, ...]:
    hands = Message(N_("It reads hands unlike those of MNIST worse, such as a 1 with a flag or a crossed 7."))
    return (
        Message(N_("It gives a digit as answer to anything: to letters, to scribbles, to several digits.")),
        # The starter has learned from such hands too, and reads them as well.
        *(() if origin == Origin.STARTER else (hands,)),
        Message(N_("It reads pictures that were not prepared as above worse.")),
        Message(N_("Its probabilities are no promise: it can be very sure and wrong.")),
        Message(
            N_(
                "It was made to learn from: nothing that matters, such as money, marks or addresses, should "
                "hang on it."
            )
        ),
    )


def _measured(result: Evaluation) -> dict[str, float]:
    low, high = result.accuracy_interval
    shares = {"accuracy": result.accuracy, "low": low, "high": high}
    return {"count": len(result.labels), **{name: _percent(share) for name, share in shares.items()}}


def _percent(share: float) -> float:
    return round(100 * share, 2)
