"""A link is a lab: the recipe, the language and the hidden controls in the address of a page."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import streamlit as st

from model.config import TrainingConfig
from model.messages import N_, Message, MessageError
from model.recipe_link import recipe_of, recipe_text
from ui.base import session
from ui.base.text import _, language_name, languages
from ui.recipe.hidden import CONTROLS, control_name

_RECIPE, _HIDE, _LANGUAGE = "recipe", "hide", "lang"


class LinkError(MessageError):
    """A parameter of the address that says nothing this app knows."""


def receive() -> list[Message]:
    """Take over what the address says, once; what it cannot mean is told, and the page goes on.

    What is hidden and the language go along from page to page, in the address too.
    """
    problems = []
    asked = {name: value for name, value in st.query_params.items() if name in _READERS}
    is_new = asked != session.link.get()
    for name, value in asked.items():
        try:
            take_over = _READERS[name](value)
        except MessageError as error:
            problems.append(error.message)
        else:
            if is_new:
                take_over()
    kept = {name: value for name, value in _kept().items() if name not in asked}
    if kept:
        st.query_params.update(kept)
    session.link.set({**asked, **kept})
    return problems


def show_link(config: TrainingConfig) -> None:
    """The address that opens this set-up, and what it hides."""
    with st.popover(_("Share this set-up"), icon=":material/link:"):
        st.markdown(
            _(
                "This link opens the page with your recipe. You can hide controls to make the page simpler. "
                "That is not a lock: anyone can edit the address."
            )
        )
        hidden = st.multiselect(
            _("Hide"),
            list(CONTROLS),
            sorted(session.hidden.get(), key=list(CONTROLS).index),
            format_func=control_name,
            key="link_hide",
        )
        offered = languages()
        chosen = (
            st.selectbox(
                _("Language"),
                ["", *offered],
                format_func=lambda code: language_name(code) if code else _("the visitor's own"),
                key="link_language",
            )
            if len(offered) > 1
            else ""
        )
        parameters = {_RECIPE: recipe_text(config), _HIDE: ",".join(hidden), _LANGUAGE: chosen}
        st.code(
            address({name: value for name, value in parameters.items() if value}),
            language=None,
            wrap_lines=True,
        )


def address(parameters: dict[str, str]) -> str:
    """The address of this page with ``parameters``."""
    here = urlsplit(st.context.url or "")
    return here._replace(query=urlencode(parameters, safe=":,-"), fragment="").geturl()


def _kept() -> dict[str, str]:
    kept = {_HIDE: ",".join(sorted(session.hidden.get())), _LANGUAGE: session.language.get() or ""}
    return {name: value for name, value in kept.items() if value}


def _read_recipe(text: str) -> Callable[[], None]:
    config = recipe_of(text)
    return lambda: session.set_config(config, restart=True)


def _read_hidden(text: str) -> Callable[[], None]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in CONTROLS:
            raise LinkError(
                Message(
                    N_("The link hides “{name}”, but there is no such control. Controls: {known}."),
                    {"name": name[:60], "known": ", ".join(CONTROLS)},
                )
            )
    return lambda: session.hidden.set(names)


def _read_language(code: str) -> Callable[[], None]:
    if not code:
        # As the visitor's browser asks for.
        return lambda: None
    if code not in languages():
        raise LinkError(
            Message(
                N_("The link asks for the language “{code}”, which is not available. Available: {known}."),
                {"code": code[:60], "known": ", ".join(languages())},
            )
        )
    return lambda: session.language.set(code)


_READERS: dict[str, Callable[[str], Callable[[], None]]] = {
    _RECIPE: _read_recipe,
    _HIDE: _read_hidden,
    _LANGUAGE: _read_language,
}
