"""One step of learning from one image, stage by stage: its controls and its numbers."""

import secrets

import streamlit as st

from model.config import CLASSES, LEARNING_RATES
from model.explain.backpropagation import training_step
from ui.base import session
from ui.base.text import _, short_number
from ui.look_inside import inside
from ui.look_inside.subject import Subject
from ui.look_inside.training_step import backward, forward
from ui.look_inside.training_step.path import choose_path, path_of
from ui.look_inside.training_step.stages import Followed, Kind, Stage, stages
from ui.look_inside.training_step.step_diagram import show_step_diagram
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.selection import Choice
from ui.reading.diverged import tell_diverged


def show_step(shown: Subject) -> None:
    if tell_diverged(shown.forward.logits):
        return
    stage = _choose_stage(stages(shown.sizes))
    left, right = st.columns([3, 2], gap="large")
    with right:
        place = st.container()
        label, rate = _choose_lesson(shown)
        step = training_step(shown.forward, label, rate, shown.choice.config.l2)
        followed = Followed(step, path_of(step))
        choose_path(followed)
    with place:
        show_step_diagram(stage, followed)
    with left, st.container(key="inside_step"):
        _show_numbers(stage, followed)


def _choose_stage(all_stages: list[Stage]) -> Stage:
    """Back and forward by button, by key and by slider."""
    count = len(all_stages)
    key = f"inside_stage_{count}"
    session.prefer(key, 1)
    stage = session.value(key)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _turn_button(_("Back"), "B", "back", key, stage - 1, stage == 1)
        _turn_button(_("Next"), "N", "forward", key, stage + 1, stage == count)
        chosen = st.select_slider(
            _("Stage {stage} of {count}", stage=stage, count=count),
            range(1, count + 1),
            key=key,
            persist_state="session",
        )
    return all_stages[int(chosen) - 1]


def _turn_button(label: str, shortcut: str, icon: str, key: str, stage: int, disabled: bool) -> None:
    st.button(
        label,
        key=f"inside_{icon}",
        icon=f":material/arrow_{icon}:",
        shortcut=shortcut,
        disabled=disabled,
        on_click=session.prefer,
        args=(key, stage, True),
    )


def _choose_lesson(shown: Subject) -> tuple[int, float]:
    """Which digit the network shall learn from the image, and how large a step it takes."""
    right = _right_answer(shown)
    planned = shown.choice.config.learning_rate
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        label = st.selectbox(
            _("Correct digit"),
            range(CLASSES),
            right,
            key=f"inside_label_{shown.test_image}_{right}",
            width=140,
            persist_state="session",
        )
        rate = st.select_slider(
            _("Learning rate"),
            sorted({*LEARNING_RATES, planned}),
            planned,
            format_func=short_number,
            key=f"inside_rate_{planned}",
            persist_state="session",
            width=240,
        )
        st.button(
            _("A misclassified image"),
            key="inside_mistake",
            icon=":material/casino:",
            on_click=_look_at_a_mistake,
            args=(shown.choice,),
        )
    st.caption(
        _(
            "One step of plain gradient descent on this image. In training, the gradient is the mean over a "
            "batch. Other optimizers change the step, but not the gradient."
        )
    )
    return int(label), float(rate)


def _right_answer(shown: Subject) -> int:
    """The image's label; nobody knows that of a drawing, so it is what the newest network answers."""
    if shown.label is not None:
        return shown.label
    return int(shown.forward_through_newest.logits.argmax())


def _look_at_a_mistake(choice: Choice) -> None:
    mistakes = evaluate_on(ImageSet.TEST, choice).misclassified
    if len(mistakes):
        inside.look_at(int(secrets.choice(mistakes)))


def _show_numbers(stage: Stage, followed: Followed) -> None:
    match stage.kind:
        case Kind.PICTURE:
            forward.show_picture(followed)
        case Kind.FORWARD:
            forward.show_forward(followed, stage.layer)
        case Kind.SOFTMAX:
            forward.show_softmax(followed)
        case Kind.LOSS:
            forward.show_loss(followed)
        case Kind.ERROR:
            backward.show_error(followed)
        case Kind.BACK:
            backward.show_back(followed, stage.layer)
        case Kind.GRADIENT:
            backward.show_gradient(followed)
        case Kind.UPDATE:
            backward.show_update(followed)
        case Kind.AFTER:
            backward.show_after(followed)
