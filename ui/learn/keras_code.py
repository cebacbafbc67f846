"""The recipe as five steps of Keras code."""

import streamlit as st

from model.config import TEST_IMAGES, TRAINING_IMAGES, TrainingConfig, layers_text
from model.export.keras_code import keras_script, keras_steps
from ui.base.text import _


def in_keras(config: TrainingConfig) -> None:
    """The recipe in ``config`` as Keras code, step by step, and as a file."""
    st.subheader(_("Five steps in Keras"), anchor=False)
    st.markdown(
        _(
            "**Keras** is how people write networks in Python. Underneath it, **TensorFlow** does the "
            "calculating, as here; **PyTorch** is the other widely used library, and Keras runs on it too."
            " This is your recipe, {layers}; put the steps into one file in this app's folder and it runs.",
            layers=layers_text(config.layer_sizes),
        )
    )
    explained = {
        "load": (
            _("**1. Load**"),
            _(
                "{training} images to learn from and {test} to test on, each with its **label**: the right "
                "digit.",
                training=TRAINING_IMAGES,
                test=TEST_IMAGES,
            ),
        ),
        "prepare": (
            _("**2. Prepare**"),
            _(
                "**Flatten**: a picture becomes one row of numbers. **Scale**: from 0-255 to 0-1. "
                "**One-hot**: a label becomes ten numbers, one of them 1 and the others 0."
            ),
        ),
        "build": (
            _("**3. Build**"),
            _("Layer by layer. **Dense** means that every unit is linked to all of the layer before."),
        ),
        "train": (
            _("**4. Train**"),
            _(
                "The **optimizer** turns gradients into steps, and `fit` takes them: batch after batch, "
                "epoch after epoch."
            ),
        ),
        "use": (
            _("**5. Evaluate and use**"),
            _(
                "The score on the test images: loss, and **accuracy**, the share of right answers. "
                "Then it reads one picture."
            ),
        ),
    }
    for step in keras_steps(config):
        left, right = st.columns([1, 2], gap="medium")
        title, explanation = explained[step.name]
        left.markdown(title)
        left.markdown(explanation)
        right.code(step.code, language="python")
    st.download_button(
        _("Download the five steps"),
        keras_script(config),
        file_name="digits.py",
        mime="text/x-python",
        icon=":material/download:",
        key="learn_download",
        on_click="ignore",
    )
