"""A recipe as Keras code that anybody can run, step by step."""

from dataclasses import dataclass

from model.config import (
    MOST_ROTATION,
    MOST_SHEAR,
    MOST_SHIFT,
    MOST_STRETCH,
    TRAINING_IMAGES,
    Optimizer,
    TrainingConfig,
)


@dataclass(frozen=True)
class KerasStep:
    """One of the five steps: its ``name`` (load, prepare, build, train, use) and its Python code."""

    name: str
    code: str


def keras_steps(config: TrainingConfig) -> list[KerasStep]:
    """The five steps of ``config``; one after the other they are a program that runs as it stands
    in the repository's folder. The order of the images and the first weights are Keras' own."""
    return [
        KerasStep("load", _LOAD),
        KerasStep("prepare", _prepare(config)),
        KerasStep("build", build_code(config)),
        KerasStep("train", _train(config)),
        KerasStep("use", _USE),
    ]


def keras_script(config: TrainingConfig) -> str:
    """All five steps as one file."""
    return "\n".join(step.code for step in keras_steps(config))


_LOAD = """\
import keras
import numpy as np

# keras.datasets.mnist.load_data() downloads the same images.
train = np.load("model/data/train.npz")
test = np.load("model/data/test.npz")
x_train, y_train = train["images"].reshape(-1, 28, 28), train["labels"]
x_test, y_test = test["images"].reshape(-1, 28, 28), test["labels"]
"""


_USE = """\
score = model.evaluate(x_test, y_test, verbose=0)
print("score =", score)  # [loss, accuracy]

probabilities = model.predict(x_test[:1], verbose=0)[0]
print("The first test image is a", probabilities.argmax())
"""


def _prepare(config: TrainingConfig) -> str:
    lines = [
        "# Flatten 28x28 pixels to 784 inputs, and scale 0-255 to 0-1.",
        'x_train = x_train.reshape(-1, 784).astype("float32") / 255',
        'x_test = x_test.reshape(-1, 784).astype("float32") / 255',
        "# One-hot: the label 3 becomes 0 0 0 1 0 0 0 0 0 0.",
        "y_train = keras.utils.to_categorical(y_train, 10)",
        "y_test = keras.utils.to_categorical(y_test, 10)",
    ]
    if config.held_out:
        cut = TRAINING_IMAGES - config.held_out
        lines += [
            f"# Hold out the last {config.held_out} training images to validate on.",
            f"x_train, x_val = x_train[:{cut}], x_train[{cut}:]",
            f"y_train, y_val = y_train[:{cut}], y_train[{cut}:]",
        ]
    if config.train_share < 1:
        count = config.training_images
        lines += [
            f"# Train on {count} images only.",
            f"x_train, y_train = x_train[:{count}], y_train[:{count}]",
        ]
    return "\n".join(lines) + "\n"


def build_code(config: TrainingConfig) -> str:
    penalty = f", kernel_regularizer=keras.regularizers.L2({config.l2!r})" if config.l2 else ""
    layers = ["keras.Input((784,))", *_augmentation(config)]
    for units in config.hidden_layers:
        layers.append(f'keras.layers.Dense({units}, activation="{config.activation}"{penalty})')
        if config.dropout:
            layers.append(f"keras.layers.Dropout({config.dropout!r})")
    layers.append(f'keras.layers.Dense(10, activation="softmax"{penalty})')
    body = "".join(f"    {layer},\n" for layer in layers)
    return (
        f"keras.utils.set_random_seed({config.seed})\n"
        f"model = keras.Sequential([\n{body}])\n"
        f"model.summary()  # {config.parameter_count} parameters\n"
    )


def _augmentation(config: TrainingConfig) -> list[str]:
    """Keras' own random layers, which work in training only."""
    if not config.augmentation:
        return []
    shift, turn, stretch, shear = (
        f"{round(most * config.augmentation, 4)!r}"
        for most in (MOST_SHIFT / 28, MOST_ROTATION / 360, MOST_STRETCH, MOST_SHEAR)
    )
    paper = 'fill_mode="constant"'
    return [
        "keras.layers.Reshape((28, 28, 1))",
        f"keras.layers.RandomTranslation({shift}, {shift}, {paper})",
        f"keras.layers.RandomRotation({turn}, {paper})",
        f"keras.layers.RandomZoom({stretch}, {stretch}, {paper})",
        f"keras.layers.RandomShear(x_factor={shear}, {paper})",
        "keras.layers.Flatten()",
    ]


def optimizer_code(config: TrainingConfig, rate: str) -> str:
    return {
        Optimizer.SGD: f"keras.optimizers.SGD({rate})",
        Optimizer.MOMENTUM: f"keras.optimizers.SGD({rate}, momentum=0.9)",
        Optimizer.RMSPROP: f"keras.optimizers.RMSprop({rate})",
        Optimizer.ADAM: f"keras.optimizers.Adam({rate})",
    }[config.optimizer]


def _train(config: TrainingConfig) -> str:
    optimizer = optimizer_code(config, repr(config.learning_rate))
    validation = "(x_test, y_test)" if config.validates_on_test_images else "(x_val, y_val)"
    return f"""\
model.compile(
    optimizer={optimizer},
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(
    x_train, y_train,
    batch_size={config.batch_size},
    epochs={config.epochs},
    validation_data={validation},
)
"""
