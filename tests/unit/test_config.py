import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.config import Activation, ConfigError, KeptEpoch, Optimizer, TrainingConfig, bounds, title_of

NUMBERS = {
    "learning_rate": (1e-5, 10),
    "batch_size": (16, 1024),
    "epochs": (1, 100),
    "dropout": (0, 0.9),
    "l2": (0, 0.1),
    "augmentation": (0, 1),
    "seed": (0, 2**31 - 1),
    "train_share": (0.01, 1),
    "held_out": (0, 20_000),
    "patience": (0, 20),
}
WHOLE = ("batch_size", "epochs", "seed", "held_out", "patience")
LISTS_AND_CHOICES = ("hidden_layers", "activation", "optimizer", "keep")

configs = st.builds(
    TrainingConfig,
    hidden_layers=st.lists(st.integers(8, 512), max_size=4).map(tuple),
    activation=st.sampled_from(Activation),
    optimizer=st.sampled_from(Optimizer),
    learning_rate=st.floats(1e-5, 10),
    batch_size=st.integers(16, 1024),
    epochs=st.integers(1, 100),
    dropout=st.floats(0, 0.9),
    l2=st.floats(0, 0.1),
    augmentation=st.floats(0, 1),
    seed=st.integers(0, 2**31 - 1),
    train_share=st.floats(0.01, 1),
    held_out=st.integers(0, 20_000),
    patience=st.integers(0, 20),
    keep=st.sampled_from(KeptEpoch),
)


def _error(**values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig(**values)
    return str(caught.value)


def test_the_defaults_are_the_seed_recipe() -> None:
    config = TrainingConfig()
    assert config.layer_sizes == (784, 100, 50, 10)
    assert config.activation == "relu"
    assert config.optimizer == "sgd"
    assert config.learning_rate == 0.01
    assert config.batch_size == 128
    assert config.epochs == 20
    assert config.dropout == config.l2 == config.held_out == config.seed == config.patience == 0
    assert config.keep == "last"
    assert config.training_images == 60_000
    assert config.validation_images == 10_000
    assert config.validates_on_test_images
    assert config.steps_per_epoch == 469
    assert config.parameter_count == 84_060


def test_every_field_is_in_one_of_these_tests() -> None:
    assert set(TrainingConfig.model_fields) == {*NUMBERS, *LISTS_AND_CHOICES}


def test_every_field_has_a_title_and_a_description() -> None:
    for field in TrainingConfig.model_fields.values():
        assert field.title
        assert field.description


@pytest.mark.parametrize("field", NUMBERS)
def test_both_ends_of_a_range_are_allowed(field: str) -> None:
    assert bounds(field) == NUMBERS[field]
    for value in NUMBERS[field]:
        assert getattr(TrainingConfig(**{field: value}), field) == value


@pytest.mark.parametrize("end", [0, 1], ids=["too small", "too large"])
@pytest.mark.parametrize("field", NUMBERS)
def test_a_number_out_of_range_is_an_error_that_names_field_value_and_range(field: str, end: int) -> None:
    low, high = NUMBERS[field]
    step = 1 if field in WHOLE else 1e-6
    value = low - step if end == 0 else high + step
    text = _error(**{field: value})
    for part in (str(title_of(field)), repr(value), f"from {low} to {high}"):
        assert part in text


@pytest.mark.parametrize("field", [*NUMBERS, *LISTS_AND_CHOICES])
@pytest.mark.parametrize(
    "value",
    [None, math.nan, math.inf, -math.inf, "a lot", "", True, {"a": 1}, [[100]], object, b"\xff", 1e308],
    ids=repr,
)
def test_a_value_of_the_wrong_type_is_an_error_that_names_the_field(field: str, value: Any) -> None:
    assert f"“{title_of(field)}”" in _error(**{field: value})


@pytest.mark.parametrize("field", WHOLE)
def test_a_fraction_is_no_whole_number(field: str) -> None:
    assert "a whole number from" in _error(**{field: 20.5})


@pytest.mark.parametrize("layers", [(7,), (513,), (100, 7), (8,) * 5, (0,), (-8,), (100.5,), (True,), 100])
def test_hidden_layers_that_are_too_many_too_small_or_too_large_are_an_error(layers: Any) -> None:
    text = _error(hidden_layers=layers)
    assert "Hidden layers" in text
    assert "at most 4 numbers from 8 to 512" in text


@pytest.mark.parametrize("layers", [(), (8,), (512,) * 4])
def test_hidden_layers_may_be_none_and_up_to_four(layers: tuple[int, ...]) -> None:
    config = TrainingConfig(hidden_layers=layers)
    assert config.layer_sizes == (784, *layers, 10)


def test_an_unknown_choice_is_an_error_that_names_the_choices() -> None:
    assert "relu, tanh, sigmoid" in _error(activation="softmax")
    assert "sgd, momentum, rmsprop, adam" in _error(optimizer="SGD")


def test_an_unknown_field_is_an_error_that_names_it_and_the_known_ones() -> None:
    text = _error(learning_rat=0.1)
    assert "“learning_rat”" in text
    assert all(field in text for field in TrainingConfig.model_fields)


def test_a_field_called_self_is_an_unknown_field_too() -> None:
    with pytest.raises(ConfigError, match="self"):
        TrainingConfig.from_json('{"self": 1}')


def test_a_very_long_value_is_cut_in_the_message() -> None:
    assert len(_error(activation="x" * 10_000)) < 200
    assert len(_error(**{"y" * 10_000: 1})) < 400


def test_braces_in_a_value_do_not_break_the_message() -> None:
    assert "{field} {0} {" in _error(activation="{field} {0} {")


def test_the_error_is_a_value_error() -> None:
    assert issubclass(ConfigError, ValueError)


@given(configs)
def test_json_gives_the_same_configuration_back(config: TrainingConfig) -> None:
    text = config.to_json()
    assert set(json.loads(text)) == set(TrainingConfig.model_fields)
    again = TrainingConfig.from_json(text)
    assert again == config
    assert hash(again) == hash(config)
    assert again.to_json() == text


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '"text"', "[{}]", b"\xff\xfe", "{" * 50_000])
def test_text_that_is_no_json_object_is_an_error(text: str | bytes) -> None:
    with pytest.raises(ConfigError, match="a JSON object"):
        TrainingConfig.from_json(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"epochs": 500}', ("Epochs", "500", "from 1 to 100")),
        ('{"epochs": 1e400}', ("Epochs", "inf", "from 1 to 100")),
        ('{"learning_rate": NaN}', ("Learning rate", "nan")),
        ('{"hidden_layers": [100, 5]}', ("Hidden layers", "5", "8 to 512")),
        ('{"layers": [100]}', ("layers", "no field", "hidden_layers")),
    ],
)
def test_a_wrong_field_in_json_is_an_error_that_names_field_value_and_range(
    text: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_json(text)
    for part in parts:
        assert part in str(caught.value)


@given(
    st.text()
    | st.binary()
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps)
)
def test_any_text_is_a_configuration_or_a_config_error(text: str | bytes) -> None:
    with suppress(ConfigError):
        assert isinstance(TrainingConfig.from_json(text), TrainingConfig)


def test_a_configuration_cannot_be_changed() -> None:
    config = TrainingConfig()
    with pytest.raises(Exception, match="frozen"):
        config.epochs = 3  # type: ignore[misc]
    assert config.epochs == 20


def test_a_changed_copy_is_validated_and_the_original_stays() -> None:
    config = TrainingConfig(seed=3)
    assert config.with_changes(epochs=5) == TrainingConfig(seed=3, epochs=5)
    assert config.epochs == 20
    with pytest.raises(ConfigError, match="Epochs"):
        config.with_changes(epochs=101)
    with pytest.raises(ConfigError, match="no field"):
        config.with_changes(epoch=5)


@given(configs)
def test_the_counts_of_a_configuration_fit_together(config: TrainingConfig) -> None:
    images = config.training_images
    assert 400 <= images <= 60_000 - config.held_out
    assert (
        (config.steps_per_epoch - 1) * config.batch_size
        < images
        <= config.steps_per_epoch * config.batch_size
    )
    assert config.validation_images == (config.held_out if config.held_out else 10_000)
