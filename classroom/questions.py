"""What a class is asked: a guess that the whole room tries, and the question at the end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from model.config import Activation, Optimizer
from model.evaluation.hypothesis import Guess, Observation, observe
from model.messages import N_

# Characters of a question of the teacher's own, of a reason, and of an answer.
MAX_LETTERS = 200
# Hands that are counted for one guess.
MAX_HANDS = 99
# In which order guesses are shown and hands counted.
GUESSES = (Guess.HIGHER, Guess.SAME, Guess.LOWER)

# Settings of the seed recipe and other values for them. After five epochs each differed from it by 0.6
# percentage points or more, but for 110 units in place of 100: three seeds were about the same.
CHANGES: tuple[tuple[str, Any], ...] = (
    ("learning_rate", 0.1),
    ("learning_rate", 0.001),
    ("hidden_layers", ()),
    ("hidden_layers", (300, 100)),
    ("hidden_layers", (110, 50)),
    ("hidden_layers", (10,)),
    ("activation", Activation.SIGMOID),
    ("batch_size", 32),
    ("batch_size", 1024),
    ("epochs", 10),
    ("optimizer", Optimizer.ADAM),
    ("train_share", 0.1),
)

# How many raised their hands for each of ``GUESSES``.
Hands = tuple[int, int, int]
_NO_HANDS: Hands = (0, 0, 0)


class ClassGuess(BaseModel):
    """A guess that all have to make: what does another ``value`` of one ``setting`` do to the accuracy?
    Variant A is the seed recipe with few epochs, B has the other value.

    ``trained_by`` is the visitor who let the room train both, empty before that. ``runs`` are the ids of
    those that were begun, A and B of one seed after the other; ``accuracies`` of A and of B, seed by seed,
    come when all are over. It ``is_lost`` where a run failed, was stopped, changed or deleted, or where no
    more can be begun. ``hands`` are those that the teacher counted in the first round and, when the class
    ``is_voting_again``, in the second one.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    setting: str
    value: int | float | str | tuple[int, ...]
    trained_by: str = ""
    runs: tuple[str, ...] = ()
    accuracies: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    is_lost: bool = False
    is_voting_again: bool = False
    hands: tuple[Hands, Hands] = (_NO_HANDS, _NO_HANDS)

    @property
    def round(self) -> int:
        """1 before the runs, 2 after the result."""
        return 2 if self.is_voting_again else 1

    @property
    def question(self) -> str:
        """Under which name the answers of this round are kept."""
        return self.question_of(self.round)

    @property
    def is_open(self) -> bool:
        """Whether guesses can be made and changed now."""
        return self.is_voting_again or not self.trained_by

    @property
    def is_training(self) -> bool:
        """Whether the room trains both, or is about to."""
        return bool(self.trained_by) and self.accuracies is None and not self.is_lost

    @property
    def seen(self) -> Observation | None:
        """What came out; ``None`` before that."""
        return observe(*self.accuracies) if self.accuracies else None

    @property
    def of_a(self) -> tuple[str, ...]:
        """The runs of variant A, seed by seed."""
        return self.runs[::2]

    @property
    def of_b(self) -> tuple[str, ...]:
        """The runs of variant B, seed by seed; of the last seed it may be missing."""
        return self.runs[1::2]

    def question_of(self, round_number: int) -> str:
        """Under which name the answers of this round are kept."""
        return f"guess_{self.number}_round_{round_number}"

    def with_hands(self, place: int, count: int) -> "ClassGuess":
        """With another count of hands for one of ``GUESSES`` in this round."""
        rounds = [list(hands) for hands in self.hands]
        rounds[self.round - 1][place] = count
        return self.model_copy(update={"hands": tuple(map(tuple, rounds))})


@dataclass(frozen=True)
class Prepared:
    """A question with answers to choose from, all message ids; ``right`` is the place of the right one."""

    text: str
    options: tuple[str, ...]
    right: int


PREPARED: Mapping[str, Prepared] = {
    "weights": Prepared(
        N_("What changes while a network learns?"),
        (
            N_("The training images"),
            N_("Its weights and biases"),
            N_("The number of its layers"),
            N_("The labels of the images"),
        ),
        right=1,
    ),
    "softmax": Prepared(
        N_("A network gives the 3 a probability of 0.98. What does that mean?"),
        (
            N_("The digit is a 3 for sure."),
            N_("98% of the pixels look like those of a 3."),
            N_("98% of all its predictions are correct."),
            N_("Its output for the 3 is far larger than for any other digit, and it may still be wrong."),
        ),
        right=3,
    ),
    "handwriting": Prepared(
        N_("A network reads MNIST's test images better than our handwriting. What is the likely reason?"),
        (
            N_("Some of us write digits in other ways than the people whose digits it was trained on."),
            N_("It was trained on MNIST's test images."),
            N_("MNIST's test images have more pixels."),
            N_("Our digits have no labels."),
        ),
        right=0,
    ),
    "test_images": Prepared(
        N_("Why is a network tested on images that were not used for training?"),
        (
            N_("So that training takes less time."),
            N_("Because training images have no labels."),
            N_("To see how well it reads digits that are new to it."),
            N_("So that it learns from even more images."),
        ),
        right=2,
    ),
    "learning_rate": Prepared(
        N_("What happens if the learning rate is much too large?"),
        (
            N_("The network learns the same, only faster."),
            N_("Each step changes the weights too much, and the loss does not fall."),
            N_("The network gets more weights."),
            N_("Nothing: it counts only after training."),
        ),
        right=1,
    ),
}


class ExitQuestion(BaseModel):
    """A question at the end: one that is ``prepared``, by its name, or a ``text`` of the teacher's own, which
    is answered in words. With ``are_answers_shown`` it takes no more of them."""

    model_config = ConfigDict(frozen=True)

    number: int
    prepared: str = ""
    text: str = Field("", max_length=MAX_LETTERS)
    are_answers_shown: bool = False

    @property
    def question(self) -> str:
        """Under which name its answers are kept."""
        return f"exit_{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it can be answered now."""
        return not self.are_answers_shown

    @property
    def choice(self) -> Prepared | None:
        """What there is to choose from; ``None`` where it is answered in words."""
        return PREPARED.get(self.prepared)
