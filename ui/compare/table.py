"""The recipes of several networks and what came out, a row for each."""

from collections.abc import Callable, Sequence

import streamlit as st

from model.config import TrainingConfig
from model.evaluation.comparison import differing_fields
from model.evaluation.metrics import LEVEL
from runs.records import EventKind, RunState
from ui.base.text import _, number, percent, verbatim
from ui.compare.contenders import Contender
from ui.networks.selection import name_of
from ui.recipe.labels import setting_name, setting_text

# What there is nothing to say about.
_NOTHING = "—"
# The starter was trained by a program of its own: of a recipe it has these fields only.
_OF_STARTER = frozenset({"hidden_layers", "activation", "held_out"})


def show_recipes(contenders: Sequence[Contender]) -> None:
    """A row for each: the fields that differ, and what came out; what they share is folded away."""
    st.subheader(_("Recipes and results"), anchor=False)
    fields = _differing(contenders)
    table = {_("network"): [contender.markdown for contender in contenders]}
    for field in fields:
        table[setting_name(field)] = _marked([_setting(contender, field) for contender in contenders])
    for title, cell in _result_columns().items():
        table[title] = [cell(contender) for contender in contenders]
    st.table(table)
    if fields:
        st.caption(_("**Bold** = differs from the first row"))
    elif len(contenders) > 1:
        st.caption(_("These recipes have the same settings."))
    if any(contender.run and contender.run.state == RunState.RUNNING for contender in contenders):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("Not all runs have finished. These are the results so far."), width="content")
            st.button(_("Refresh"), key="look_again", icon=":material/refresh:")
    for contender in contenders:
        if contender.problem is not None:
            st.warning(
                verbatim(_("{network}: {problem}", network=name_of(contender.id), problem=contender.problem)),
                icon=":material/warning:",
            )
    with st.expander(_("Shared settings and how this was measured")):
        _show_common(contenders, fields)


def _differing(contenders: Sequence[Contender]) -> list[str]:
    """The fields in which those that have them are not all alike, in the recipe's order."""
    differ = set(differing_fields([contender.config for contender in contenders if contender.has_recipe]))
    differ |= _OF_STARTER & set(differing_fields([contender.config for contender in contenders]))
    if len({_rates(contender) for contender in contenders if contender.has_recipe}) > 1:
        differ.add("learning_rate")
    return [field for field in TrainingConfig.model_fields if field in differ]


def _rates(contender: Contender) -> tuple[tuple[int, float], ...]:
    """The learning rate that a run began with, and each that it was changed to, with the epoch in which
    that was."""
    if contender.run is None:
        return ((1, contender.config.learning_rate),)
    by_step = {(1, 0): contender.run.recipe.learning_rate}
    for event in contender.run.events:
        if event.kind == EventKind.LEARNING_RATE:
            by_step[max(event.epoch, 1), event.step] = event.value
    changes: list[tuple[int, float]] = []
    for (epoch, _step), rate in sorted(by_step.items()):
        if not changes or rate != changes[-1][1]:
            changes.append((epoch, rate))
    return tuple(changes)


def _setting(contender: Contender, field: str) -> str:
    """One field of a recipe as a visitor reads it."""
    if not contender.has_recipe and field not in _OF_STARTER:
        return _NOTHING
    if field != "learning_rate":
        return setting_text(field, getattr(contender.config, field))
    (_first, rate), *changes = _rates(contender)
    text = setting_text(field, rate)
    for epoch, rate in changes:
        text = _("{before}, then {rate} from epoch {epoch}", before=text, rate=rate, epoch=epoch)
    return text


def _marked(cells: Sequence[str]) -> list[str]:
    """Stressed where they are not as the first one."""
    return [cell if cell in {cells[0], _NOTHING} else f"**{cell}**" for cell in cells]


def _result_columns() -> dict[str, Callable[[Contender], str]]:
    return {
        _("epochs trained"): _epochs,
        _("test loss"): _loss,
        _("test accuracy"): _accuracy,
        _("{level} interval", level=percent(LEVEL)): _interval,
        _("images per second"): _images_per_second,
        _("time at this speed"): _time,
    }


def _epochs(contender: Contender) -> str:
    if not contender.history:
        return _NOTHING
    trained, of = contender.history[-1].epoch, contender.config.epochs
    text = _("{epoch} of {epochs}", epoch=trained, epochs=of)
    match contender.run.state if contender.run else RunState.FINISHED:
        case RunState.FINISHED:
            return text
        case RunState.FAILED:
            return _("{progress}, failed", progress=text)
        case RunState.STOPPED:
            return _("{progress}, stopped", progress=text)
        case RunState.RUNNING:
            return _("{progress}, training", progress=text)
        case RunState.QUEUED | RunState.WAITING | RunState.PAUSED:
            return _("{progress}, waiting", progress=text)


def _loss(contender: Contender) -> str:
    return number(contender.result.loss, 4) if contender.result else _NOTHING


def _accuracy(contender: Contender) -> str:
    return percent(contender.result.accuracy, 2) if contender.result else _NOTHING


def _interval(contender: Contender) -> str:
    if contender.result is None:
        return _NOTHING
    low, high = contender.result.accuracy_interval
    return _("{low} to {high}", low=percent(low, 2), high=percent(high, 2))


def _speed(contender: Contender) -> float | None:
    return contender.run.images_per_second if contender.run else None


def _images_per_second(contender: Contender) -> str:
    rate = _speed(contender)
    return number(round(rate, -2)) if rate else _NOTHING


def _time(contender: Contender) -> str:
    rate = _speed(contender)
    if not rate or not contender.history:
        return _NOTHING
    seconds = contender.history[-1].epoch * contender.config.training_images / rate
    return _("{seconds} s", seconds=number(seconds, 1))


def _show_common(contenders: Sequence[Contender], differ: Sequence[str]) -> None:
    recipes = [contender for contender in contenders if contender.has_recipe]
    fields = [field for field in TrainingConfig.model_fields if field not in differ]
    if recipes:
        st.table(
            {
                _("setting"): [setting_name(field) for field in fields],
                _("in all recipes"): [_setting(recipes[0], field) for field in fields],
            },
            width="content",
        )
    if len(recipes) < len(contenders):
        st.markdown(
            _(
                "The starter was trained by a separate program, so most settings do not apply to it. “—” "
                "means no value."
            )
        )
    st.markdown(
        _(
            "Test loss and accuracy are measured on the 10,000 test images, after the epoch that is kept. "
            "The loss includes the L2 penalty. The interval shows how far the accuracy may vary with other "
            "test images, not with another seed."
        )
    )
    st.markdown(
        _(
            "The speed is the last one measured; other runs at the same time slow it down. The time is "
            "that of all trained epochs at this speed."
        )
    )
