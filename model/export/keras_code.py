"""A recipe as Keras code that anybody can run, step by step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.config import MAX_ROTATION, MAX_SHEAR, MAX_SHIFT, MAX_STRETCH, TRAINING_IMAGES, TrainingConfig
from model.version import VERSION

# Python, not HTML: nothing is escaped, and nothing but numbers and names of ours reaches a template.
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


@dataclass(frozen=True)
class KerasStep:
    """One of the five steps: its ``name`` (load, prepare, build, train, use) and its Python code."""

    name: str
    code: str


def keras_steps(config: TrainingConfig) -> list[KerasStep]:
    """The five steps of ``config``; one after the other they are a program that runs as it stands.
    The order of the images and the initial weights are Keras' own."""
    template = TEMPLATES.get_template("digits.py.jinja")
    context = template.new_context(recipe_values(config))
    return [KerasStep(name, "".join(block(context))) for name, block in template.blocks.items()]


def keras_script(config: TrainingConfig) -> str:
    """All five steps as one file."""
    return TEMPLATES.get_template("digits.py.jinja").render(recipe_values(config))


def npz_code(config: TrainingConfig) -> str:
    """Six lines that build the network of ``network.npz``, for any TensorFlow 2: a ``.keras`` file needs
    Keras 3."""
    return TEMPLATES.get_template("npz.py.jinja").render(recipe_values(config)).strip()


def keras_notebook(config: TrainingConfig, texts: Mapping[str, str]) -> str:
    """The steps as a Jupyter notebook (nbformat 4.4), each below the one of ``texts``, Markdown, with its
    name."""

    def cell(kind: str, text: str, **more: Any) -> dict[str, Any]:
        return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **more}

    cells = []
    for step in keras_steps(config):
        cells += [
            cell("markdown", texts[step.name]),
            cell("code", step.code.strip(), execution_count=None, outputs=[]),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def recipe_values(config: TrainingConfig) -> dict[str, Any]:
    """What every template may say of a recipe: the ``recipe`` itself, the ``version`` of Digit Lab, how many
    training images the recipe leaves ``available``, and the ranges of its ``augmentation`` as Keras' layers
    count them (shares of the width or of a full turn)."""
    ranges = {
        "shift": MAX_SHIFT / 28,
        "rotation": MAX_ROTATION / 360,
        "stretch": MAX_STRETCH,
        "shear": MAX_SHEAR,
    }
    return {
        "recipe": config,
        "version": VERSION,
        "available": TRAINING_IMAGES - config.held_out,
        "augmentation": {name: round(largest * config.augmentation, 4) for name, largest in ranges.items()},
    }
