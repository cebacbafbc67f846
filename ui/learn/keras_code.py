"""The recipe as five steps of Keras code."""

import streamlit as st

from model.config import TEST_IMAGES, TRAINING_IMAGES, TrainingConfig, layers_text
from model.export.keras_code import keras_notebook, keras_script, keras_steps
from ui.base.text import _


def in_keras(config: TrainingConfig) -> None:
    """The recipe in ``config`` as Keras code, step by step, and as a file."""
    st.subheader(_("Five steps in Keras"), anchor=False)
    st.markdown(
        _(
            "**Keras** is a Python library for building neural networks. It runs on **TensorFlow**, as here, "
            "or on **PyTorch**, another widely used library. These steps train a network with your "
            "recipe, {layers}. Download them as one file and run it with Python, or as a notebook and open "
            "it in Jupyter or Colab.",
            layers=layers_text(config.layer_sizes),
        )
    )
    explained = {
        "load": (
            _("**1. Load**"),
            _(
                "{training} training images and {test} test images, each with its **label**: the correct "
                "digit.",
                training=TRAINING_IMAGES,
                test=TEST_IMAGES,
            ),
        ),
        "prepare": (
            _("**2. Preprocess**"),
            _(
                "**Flatten**: an image becomes one row of numbers. **Scale**: 0–255 becomes 0–1. "
                "**One-hot**: a label becomes ten numbers, one 1 and nine 0s."
            ),
        ),
        "build": (
            _("**3. Build**"),
            _("Layer by layer. **Dense**: each unit is linked to every unit of the previous layer."),
        ),
        "train": (
            _("**4. Train**"),
            _(
                "The **optimizer** turns gradients into weight changes. `fit` applies these changes, "
                "batch by batch, "
                "epoch by epoch."
            ),
        ),
        "use": (
            _("**5. Evaluate and use**"),
            _(
                "The score on the test images: loss and **accuracy**, the share of correct predictions. "
                "Then the network reads one image."
            ),
        ),
    }
    for number, step in enumerate(keras_steps(config)):
        title, explanation = explained[step.name]
        with st.expander(title, expanded=number == 0):
            st.markdown(explanation)
            st.code(step.code, language="python")
    with st.container(horizontal=True):
        st.download_button(
            _("Download the five steps"),
            keras_script(config),
            file_name="digits.py",
            mime="text/x-python",
            icon=":material/download:",
            key="learn_download",
            on_click="ignore",
        )
        st.download_button(
            _("Download as a notebook"),
            keras_notebook(config, {name: "\n\n".join(texts) for name, texts in explained.items()}),
            file_name="digits.ipynb",
            mime="application/x-ipynb+json",
            icon=":material/download:",
            key="learn_notebook",
            on_click="ignore",
        )
