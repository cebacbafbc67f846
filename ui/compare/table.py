"""Networks side by side: their recipes, what came out, and their curves. ``pairwise`` takes two of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from model.config import TrainingConfig, layers_text
from model.evaluation.comparison import differing_fields
from model.evaluation.metrics import LEVEL, Evaluation
from model.messages import Message, MessageError
from model.slices import EpochMetrics
from runs.records import EventKind, RunSnapshot, RunState
from ui.base import resources, session
from ui.base.text import _, number, percent, verbatim
from ui.components import chart
from ui.components.figure_download import offer_figures
from ui.figures.compare import MAX_LINES, OverlayTexts, lines_of, overlay_figure
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.selection import LESSON, STARTER, chosen, name_of
from ui.recipe.labels import setting_name, setting_text

# What there is nothing to say about.
_NOTHING = "—"
# The starter was trained by a program of its own: of a recipe it has these fields only.
_OF_STARTER = frozenset({"hidden_layers", "activation", "held_out"})


@dataclass(frozen=True)
class Contender:
    """A network on this page, after its last epoch. ``label`` is short; ``run`` is ``None`` for one that
    ships. ``result`` on the test images is ``None`` where ``problem`` says why."""

    id: str
    label: str
    config: TrainingConfig
    history: tuple[EpochMetrics, ...]
    run: RunSnapshot | None
    result: Evaluation | None
    problem: Message | None = None

    @property
    def has_recipe(self) -> bool:
        """Whether all settings of its recipe are known."""
        return self.id != STARTER


def choose() -> list[Contender]:
    """A multiselect over this visitor's networks that have begun to train and the two that ship, the
    newest two preselected in the order in which they were trained."""
    begun = [run.id for run in resources.runner().runs_of(session.visitor()) if run.history]
    ids = [*begun, STARTER, LESSON]
    # Beside a single run stands the lesson's network: its recipe is known, the starter's is not.
    preselected = [*begun, LESSON, STARTER][:2][::-1]
    chosen_ids = st.multiselect(
        _("Networks"),
        ids,
        preselected,
        format_func=_option,
        key=f"compare_{ids[0]}",
        placeholder=_("Choose two or more"),
        wrap=True,
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_what_next(len(begun), len(chosen_ids)), width="content")
        if len(begun) < 2:
            st.page_link("pages/train.py", label=_("Train"), icon=":material/arrow_forward:")
    return [_contender(run_id) for run_id in chosen_ids if run_id in ids]


def show_recipes(contenders: Sequence[Contender]) -> None:
    """A row for each: the fields that differ, and what came out; what they share is folded away."""
    st.subheader(_("Recipes and results"), anchor=False)
    fields = _differing(contenders)
    table = {_("network"): [contender.label for contender in contenders]}
    for field in fields:
        table[setting_name(field)] = _marked([_setting(contender, field) for contender in contenders])
    for title, cell in _result_columns().items():
        table[title] = [cell(contender) for contender in contenders]
    st.table(table)
    if fields:
        st.caption(_("**Bold**: not as in the first row."))
    elif len(contenders) > 1:
        st.caption(_("These recipes are alike in every field."))
    if any(contender.run and contender.run.state == RunState.RUNNING for contender in contenders):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("Not all of them have finished: this is how far they were."), width="content")
            st.button(_("Look again"), key="look_again", icon=":material/refresh:")
    for contender in contenders:
        if contender.problem is not None:
            st.warning(
                verbatim(_("{network}: {problem}", network=name_of(contender.id), problem=contender.problem)),
                icon=":material/warning:",
            )
    with st.expander(_("What they have in common, and how this was measured")):
        _show_common(contenders, fields)


def show_curves(contenders: Sequence[Contender]) -> None:
    """All validation curves on the same axes, zoomed together."""
    st.subheader(_("Curves"), anchor=False)
    begun = [contender for contender in contenders if contender.history]
    lines = lines_of([(contender.label, contender.history) for contender in begun])
    texts = OverlayTexts(_("Validation accuracy"), _("Validation loss"), _("epoch"))
    chart.show(
        overlay_figure(lines, texts),
        key="compare_curves",
        alt=_("Charts of the validation accuracy and loss of all chosen networks, epoch by epoch."),
    )
    st.caption(
        _(
            "The axes show what was learned; the guessing at the start may lie outside. Drag over a part to "
            "enlarge it: the epochs go along in the other chart. A double click brings all back."
        )
    )
    if begun:
        offer_figures(["compare_curves"])
    if len(begun) > MAX_LINES:
        st.caption(_("Only the first {count} are drawn: more could not be told apart.", count=MAX_LINES))
    if len({contender.config.held_out for contender in begun[:MAX_LINES]}) > 1:
        st.caption(
            _(
                "Not all of them are validated on the same images, because they hold out other numbers of "
                "them: such curves can only be compared roughly. The results above are all on the test "
                "images."
            )
        )


def _option(run_id: str) -> str:
    """What a network is called among the options. It must not change while a run trains: a browser
    chooses by this text."""
    run = resources.runner().snapshot(run_id)
    if run is None:
        return name_of(run_id)
    layers = layers_text(run.config.layer_sizes)
    return _("Run {number}: {layers}", number=run.number, layers=layers)


def _contender(run_id: str) -> Contender:
    run = resources.runner().snapshot(run_id)
    if run is not None:
        label, history = _("Run {number}", number=run.number), run.history
    elif run_id == LESSON:
        label, history = _("Lesson"), resources.recording().history
    else:
        run_id, label, history = STARTER, _("Starter"), ()
    try:
        # The weights of the epoch that the history ends with, though training may have gone on.
        choice = chosen(run_id, run.epoch if run else None)
    except MessageError as error:
        config = run.config if run else TrainingConfig()
        return Contender(run_id, label, config, history, run, None, error.message)
    return Contender(run_id, label, choice.config, history, run, evaluate_on(ImageSet.TEST, choice))


def _what_next(begun: int, chosen_count: int) -> str:
    if begun == 0:
        return _("No run of yours has begun yet: train one, change one setting, and train another.")
    if begun == 1:
        return _("Only one run of yours has begun: change one setting, and train another.")
    if chosen_count < 2:
        return _("Choose two or more of them.")
    return _("Each as it is after its last epoch.")


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
        text = _("{before}, {rate} from epoch {epoch} on", before=text, rate=rate, epoch=epoch)
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
        _("time at that speed"): _time,
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
                _("in all of them"): [_setting(recipes[0], field) for field in fields],
            },
            width="content",
        )
    if len(recipes) < len(contenders):
        st.markdown(
            _(
                "The starter was trained by a program of its own: most settings of a recipe do not describe "
                "it. “—” stands where there is nothing to say."
            )
        )
    st.markdown(
        _(
            "Test loss and accuracy are measured on the 10,000 test images, with the weights after the last "
            "epoch that was trained. The loss contains the L2 penalty. The interval says which accuracy "
            "other test images of the same kind would give; it does not say what another seed would give."
        )
    )
    st.markdown(
        _(
            "The speed is the one last measured; other runs that trained at the same time slowed it down. "
            "The time is what all trained epochs take at that speed."
        )
    )
