"""Which labelled images a network is measured on."""

from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.config import TRAINING_IMAGES
from model.data.mnist import LabelledImages
from model.drawing.collection import images_of
from model.evaluation.metrics import Evaluation, evaluate
from model.slices import training_indices
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.networks import measurements
from ui.networks.selection import Choice


class ImageSet(StrEnum):
    """Images by what a network had to do with them."""

    TEST = "test"
    VALIDATION = "validation"
    TRAINING = "training"
    OWN = "own"


def offered(choice: Choice) -> list[ImageSet]:
    """The sets that there are for this network: each once, though the test images may validate, too. Those
    that ship are offered also where the visitor's own digits cannot be read now, which is said then."""
    without = {ImageSet.OWN}
    with plain_errors():
        if resources.own_tests().of(session.visitor()).drawn:
            without.clear()
    if choice.config.validates_on_test_images:
        without.add(ImageSet.VALIDATION)
    return [images for images in ImageSet if images not in without]


def images_in(images: ImageSet, choice: Choice) -> LabelledImages:
    """The images of a set, as it is for the network of ``choice``."""
    match images:
        case ImageSet.TEST:
            return resources.test_images()
        case ImageSet.VALIDATION:
            return _training(np.arange(TRAINING_IMAGES - choice.config.held_out, TRAINING_IMAGES))
        case ImageSet.TRAINING:
            return _training(training_indices(choice.config))
        case ImageSet.OWN:
            return images_of(resources.own_tests().of(session.visitor()))


def evaluate_on(images: ImageSet, choice: Choice) -> Evaluation:
    """The network of ``choice`` on a set; nothing is measured twice but the visitor's own digits."""
    if images == ImageSet.OWN:
        return evaluate(choice.network, images_in(images, choice), choice.config.l2)
    load = partial(images_in, images, choice)
    return measurements.evaluation_of(choice.key, images, choice.network, choice.config.l2, load)


def is_quick(images: ImageSet, choice: Choice) -> bool:
    """Whether ``evaluate_on`` answers at once: not so for training images before they are measured."""
    return images in {ImageSet.TEST, ImageSet.OWN} or measurements.is_measured(choice.key, images)


def set_name(images: ImageSet, choice: Choice) -> str:
    """What a set is called, and whether the network of ``choice`` validates on it."""
    match images:
        case ImageSet.TEST if choice.config.validates_on_test_images:
            return _("Test images (also used for validation)")
        case ImageSet.TEST:
            return _("Test images")
        case ImageSet.VALIDATION:
            return _("Validation images (held out)")
        case ImageSet.TRAINING:
            return _("Training images")
        case ImageSet.OWN:
            return _("Your digits")


def _training(indices: NDArray[np.int64]) -> LabelledImages:
    train = resources.train_images()
    return LabelledImages(train.images[indices], train.labels[indices])
