"""The network, as the lesson writes it in Keras."""

import keras

from model.config import CLASSES, PIXELS, Optimizer, TrainingConfig


def build_mlp(config: TrainingConfig) -> keras.Model:
    """A multilayer perceptron: (N, 784) float32 in [0, 1] in, (N, 10) softmax probabilities out."""
    regularizer = keras.regularizers.L2(config.l2) if config.l2 else None
    layers: list[keras.Layer] = [keras.Input((PIXELS,))]
    for units in config.hidden_layers:
        layers.append(
            keras.layers.Dense(units, activation=config.activation.value, kernel_regularizer=regularizer)
        )
        if config.dropout:
            layers.append(keras.layers.Dropout(config.dropout))
    layers.append(keras.layers.Dense(CLASSES, activation="softmax", kernel_regularizer=regularizer))
    return keras.Sequential(layers)


def build_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """The Keras optimizer of ``config``, with Keras' own defaults for everything it does not name."""
    rate = config.learning_rate
    match config.optimizer:
        case Optimizer.SGD:
            return keras.optimizers.SGD(rate)
        case Optimizer.MOMENTUM:
            return keras.optimizers.SGD(rate, momentum=0.9)
        case Optimizer.RMSPROP:
            return keras.optimizers.RMSprop(rate)
        case Optimizer.ADAM:
            return keras.optimizers.Adam(rate)
