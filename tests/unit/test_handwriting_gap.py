"""Intervals over writers, against counting and chance; and the gap between MNIST and a class."""

from collections.abc import Callable

import numpy as np
import pytest

from model.config import Activation
from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.handwriting_gap import Accuracy, Gap, HandwritingGap, handwriting_gap
from model.evaluation.metrics import Evaluation, evaluate, interval, wilson
from model.evaluation.writers import Change, Drawings, interval_over_writers
from model.inference import Network
from model.starter import recording
from testing import classes


def _rows(correct: list[int], counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Which digits are correct, and whose they are: ``correct`` of ``counts`` of each writer."""
    of_digit = [
        number < right for right, count in zip(correct, counts, strict=True) for number in range(count)
    ]
    return np.array(of_digit), np.repeat([f"Otter {i}" for i in range(len(counts))], counts)


def _answers(answers: list[int], labels: list[int]) -> LabelledImages:
    """Images that ``_READER`` reads so."""
    images = np.zeros((len(answers), 784), np.uint8)
    images[np.arange(len(answers)), answers] = 255
    return LabelledImages(images, np.array(labels, np.uint8))


_READER = Network.from_arrays(
    (np.eye(784, 10, dtype=np.float32) * 10, np.zeros(10, np.float32)), Activation.RELU
)
# 19 of 20 of each digit.
_TEST = evaluate(_READER, _answers([*range(10)] * 19 + [9, *range(9)], [*range(10)] * 20))


def _by(writers: list[str], answers: list[int], labels: list[int]) -> Drawings:
    return Drawings(_answers(answers, labels), np.array(writers, np.str_), (None,) * len(writers))


def _missing(result: HandwritingGap) -> list[int]:
    return [digit for digit, gap in enumerate(result.digits) if gap.drawn is None]


@pytest.mark.parametrize("writers", [2, 5, 12, 30])
@pytest.mark.parametrize("counts", [lambda rng, n: np.full(n, 10), lambda rng, n: rng.integers(2, 40, n)])
def test_nine_of_ten_classes_and_more_have_the_truth_in_their_interval(
    writers: int, counts: Callable[[np.random.Generator, int], np.ndarray]
) -> None:
    """Of pupils who are read with very different accuracies, 90 % in the mean: at 95 % of 400 classes, fewer
    than 92 % by chance once in a hundred times."""
    rng = np.random.default_rng(0)
    held, as_if_all_were_strangers = 0, 0
    for _ in range(400):
        count = counts(rng, writers)
        correct, names = _rows(rng.binomial(count, rng.beta(9, 1, writers)).tolist(), count.tolist())
        found = interval_over_writers(correct, names)
        assert found is not None
        held += found[0] <= 0.9 <= found[1]
        low, high = interval(int(correct.sum()), len(correct))
        as_if_all_were_strangers += low <= 0.9 <= high
    assert held >= 368
    assert held > as_if_all_were_strangers


def test_one_writer_tells_nothing_of_others() -> None:
    assert interval_over_writers(*_rows([90], [100])) is None
    assert interval_over_writers(*_rows([], [])) is None


@pytest.mark.parametrize("correct", [[10] * 12, [0] * 12, [8] * 12, [10, 9] * 6])
def test_drawings_of_a_class_are_worth_no_more_than_as_many_by_strangers(correct: list[int]) -> None:
    low, high = interval_over_writers(*_rows(correct, [10] * 12)) or (1, 0)
    narrowest = interval(sum(correct), 120)
    assert low <= narrowest[0]
    assert high >= narrowest[1]
    assert 0 <= low < high <= 1


def test_writers_who_differ_make_it_wider() -> None:
    alike = interval_over_writers(*_rows([8] * 12, [10] * 12))
    apart = interval_over_writers(*_rows([10, 6] * 6, [10] * 12))
    assert alike is not None
    assert apart is not None
    assert apart[0] < alike[0] < alike[1] < apart[1]


def test_the_interval_is_that_of_so_many_digits_as_the_writers_spread_says() -> None:
    # Shares 1 and 0.6 by turns: variance of the mean of 12 is 0.2^2 / 11; Student's t of 11 is 2.20099.
    worth = 0.8 * 0.2 / (0.04 / 11) * (1.959964 / 2.200985) ** 2
    assert interval_over_writers(*_rows([10, 6] * 6, [10] * 12)) == pytest.approx(
        wilson(0.8, worth), abs=1e-6
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, Change.CANNOT_TELL),
        ((-0.1, 0.1), Change.CANNOT_TELL),
        ((0.0, 0.1), Change.CANNOT_TELL),
        ((0.01, 0.1), Change.BETTER),
        ((-0.1, -0.01), Change.WORSE),
    ],
)
def test_a_change_is_claimed_only_where_the_whole_interval_is_one(
    found: tuple[float, float] | None, said: Change
) -> None:
    assert Change.of(found) is said


def test_the_gap_is_counted_over_all_digits_and_for_each() -> None:
    class_set = _by(["a", "a", "b", "b", "c", "c"], [3, 8, 3, 5, 3, 5], [3, 3, 3, 5, 3, 5])
    result = handwriting_gap(_READER, class_set, _TEST)
    assert result.writers == 3
    overall = result.overall
    assert overall.drawn is not None
    assert (overall.drawn.share, overall.drawn.images) == (5 / 6, 6)
    assert (overall.mnist.share, overall.mnist.images) == (0.95, 200)
    assert overall.mnist.interval == pytest.approx(interval(190, 200))
    assert overall.difference == pytest.approx(5 / 6 - 0.95)
    three, five = result.digits[3], result.digits[5]
    assert three.drawn is not None
    assert five.drawn is not None
    assert (three.drawn.share, three.drawn.images) == (0.75, 4)
    assert (five.drawn.share, five.drawn.images) == (1.0, 2)
    assert three.mnist.images == 20
    assert _missing(result) == [0, 1, 2, 4, 6, 7, 8, 9]


def test_the_interval_of_the_gap_is_newcombes() -> None:
    """His example of two independent shares, 56 of 70 and 48 of 80, with Wilson's intervals (table II, a)."""
    first, second = (Accuracy(r / n, n, interval(r, n)) for r, n in ((56, 70), (48, 80)))
    assert Gap(mnist=second, drawn=first).interval == pytest.approx((0.0524, 0.3339), abs=1e-4)


@pytest.mark.parametrize(
    ("class_set", "writers"),
    [(_by([], [], []), 0), (_by(["a"] * 40, [7] * 40, [1] * 40), 1)],
    ids=["nobody", "one pupil"],
)
def test_without_two_writers_nobody_can_tell(class_set: Drawings, writers: int) -> None:
    result = handwriting_gap(_READER, class_set, _TEST)
    assert result.writers == writers
    assert result.overall.interval is None
    assert {gap.verdict for gap in (result.overall, *result.digits)} == {Change.CANNOT_TELL}


def test_a_pupils_network_is_measured_on_the_digits_of_all_others() -> None:
    class_set = _by(["a", "b", "a", "c"], [1, 1, 1, 2], [1, 2, 3, 2])
    others = class_set.without("a")
    assert others.names == ("b", "c")
    assert others.images.labels.tolist() == [2, 2]
    result = handwriting_gap(_READER, others, _TEST).overall
    assert result.drawn is not None
    assert (result.drawn.share, result.drawn.images) == (0.5, 2)
    assert class_set.without("nobody").names == class_set.names
    assert class_set.of(["a"]).images.labels.tolist() == [1, 3]


@pytest.fixture(scope="module")
def lesson() -> tuple[Network, Evaluation]:
    network = recording.load().network
    return network, evaluate(network, mnist.load("test"))


def test_a_class_that_learned_other_shapes_at_school_is_read_worse(
    lesson: tuple[Network, Evaluation],
) -> None:
    result = handwriting_gap(lesson[0], classes.drawings(24, 2), lesson[1])
    assert result.overall.verdict is Change.WORSE
    assert result.overall.mnist.share == lesson[1].accuracy
    assert all(gap.drawn is not None and gap.drawn.images == 48 for gap in result.digits)
