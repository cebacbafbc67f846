"""A recipe in a web address, and whatever else somebody writes there."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.config import LEARNING_RATES, Activation, ConfigError, Optimizer, TrainingConfig
from model.recipe_link import recipe_of, recipe_text

recipes = st.builds(
    TrainingConfig,
    hidden_layers=st.lists(st.integers(8, 512), max_size=4).map(tuple),
    activation=st.sampled_from(list(Activation)),
    optimizer=st.sampled_from(list(Optimizer)),
    learning_rate=st.sampled_from(LEARNING_RATES) | st.floats(1e-5, 10),
    epochs=st.integers(1, 100),
    batch_size=st.integers(16, 1024),
    dropout=st.floats(0, 0.9),
    seed=st.integers(0, 1000),
)


def test_the_seed_recipe_needs_no_words() -> None:
    assert recipe_text(TrainingConfig()) == ""
    assert recipe_of("") == TrainingConfig()


def test_a_recipe_in_a_link_can_be_read_by_a_person() -> None:
    config = TrainingConfig(hidden_layers=(64, 32), optimizer=Optimizer.ADAM)
    assert recipe_text(config) == "hidden_layers:64-32,optimizer:adam"


@given(recipes)
def test_a_recipe_comes_back_from_an_address_as_it_was(config: TrainingConfig) -> None:
    query = urlencode({"recipe": recipe_text(config), "other": 1})
    text = parse_qs(query, keep_blank_values=True)["recipe"][0]
    assert recipe_of(text) == config


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epoch:5", "no field “epoch”"),
        ("epochs:0", "“Epochs” must be a whole number from 1 to 100; received 0"),
        ("epochs:1e400", "“Epochs”"),
        ("epochs:NaN", "“Epochs”"),
        ("epochs:[1]", "“Epochs”"),
        ("epochs", "“epochs” in the link is not a setting"),
        ("epochs:3,learning_rate:0,5", "“learning_rate:0,5” in the link is not a setting"),
        ("hidden_layers:64,32", "“hidden_layers:64,32” in the link is not a setting"),
        ("learning_rate:Infinity", "“Learning rate” must be a number from"),
        ("hidden_layers:1-2", "“Hidden layers”"),
        ("hidden_layers:a-b", "“Hidden layers”"),
        ("hidden_layers:" + "9-" * 200, "“Hidden layers”"),
        ("optimizer:<script>", "“Optimizer” must be one of"),
        ("__class__:1", "no field “__class__”"),
        ("activation:" + "[" * 480, "“Activation”"),
        ("x" * 501, "at most 500 characters; this one has 501"),
        ("🦊:1", "no field “🦊”"),
    ],
)
def test_a_text_that_is_no_recipe_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        recipe_of(text)


@given(st.text(max_size=600))
def test_any_text_is_a_recipe_or_a_sentence(text: str) -> None:
    try:
        config = recipe_of(text)
    except ConfigError:
        return
    assert recipe_of(recipe_text(config)) == config
