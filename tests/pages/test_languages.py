"""Every text goes through gettext: with another catalogue no English is left."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from testing.languages import template
from testing.pages import PAGES, OpenPage, texts
from ui.base import text
from ui.learn.steps import Step

_ROOT = Path(__file__).parents[2]
_KEYWORDS = {"_": None, "N_": None, "plural": (1, 2)}

# What is the same in every language: names, code, formulas, plain numbers and layer sizes.
_SAME_EVERYWHERE = re.compile(r"^[\W\d]*$|^\*\*\d+\*\*$|\\")


def extracted() -> set[Any]:
    with (_ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(_ROOT, methods, options, keywords=_KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


@pytest.mark.parametrize(
    ("name", "session"),
    [*((name, {}) for name in PAGES), *(("learn", {"learn_step": step}) for step in Step)],
)
def test_no_english_is_left_in_another_language(
    esperanto: None, open_page: OpenPage, name: str, session: dict[str, Step]
) -> None:
    app = open_page(name, **session)
    labelled = [
        *app.slider,
        *app.button,
        *app.selectbox,
        *app.select_slider,
        *app.number_input,
        *app.expander,
    ]
    shown = [*texts(app), *(element.label for element in labelled)]
    assert len(shown) > 3
    english = [one for one in shown if "⟨" not in one and not _SAME_EVERYWHERE.search(one)]
    assert english == []


def test_the_template_holds_exactly_the_texts_of_the_code() -> None:
    assert {message.id for message in template() if message.id} == extracted()


# A visitor is called "you", so whoever thinks, knows, listens, speaks, hears or sees is a network.
_AS_IF_ALIVE = re.compile(
    r"\b(thinks|knows|listens|speaks|hears|sees|believes|wants|understands)\b"
    r"|\b(networks?|units?|layers?|starter|they)( \w+)? (think|know|listen|speak|hear|see|believe|want)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "sentence",
    ["It thinks of a 7.", "What the network knows", "Units listen to pixels.", "How networks really see it"],
)
def test_a_network_that_seems_to_be_alive_is_found(sentence: str) -> None:
    assert _AS_IF_ALIVE.search(sentence)


def test_a_network_computes_and_predicts_and_does_not_think_know_or_listen() -> None:
    forms = [
        form
        for message in template()
        for form in (message.id if isinstance(message.id, tuple) else (message.id,))
    ]
    assert len(forms) > 500
    assert [form for form in forms if _AS_IF_ALIVE.search(form)] == []


# Those who write the code are not called "you", but name who does what.
_NAMED_AND_ALIVE = re.compile(
    r"\b(networks?|starter|units?|layers?|links?|MNIST)( that)?( \w+ly)?"
    r" (think|know|listen|speak|hear|see|believe|want)s?\b"
)


def test_neither_code_nor_documents_let_a_network_seem_to_be_alive() -> None:
    files = [
        *_ROOT.glob("*.md"),
        *(file for folder in ("model", "ui", "docs") for file in _ROOT.glob(f"{folder}/**/*")),
    ]
    read = [file for file in files if file.suffix in {".md", ".py", ".js"}]
    assert len(read) > 200
    found = {
        str(file.relative_to(_ROOT)): _NAMED_AND_ALIVE.search(file.read_text(encoding="utf-8"))
        for file in read
    }
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_compiled_catalogues_are_those_of_their_sources() -> None:
    for source in (_ROOT / "ui/locales").glob("*/LC_MESSAGES/digitlab.po"):
        compiled = io.BytesIO()
        with source.open("rb") as written:
            write_mo(compiled, read_po(written))
        assert source.with_suffix(".mo").read_bytes() == compiled.getvalue(), f"compile {source} again"


def test_a_language_that_is_not_there_falls_back_to_english(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        locale = "sw-KE"

    monkeypatch.setattr(streamlit, "context", Context())
    assert text.language() == "en"
    assert text._("Train") == "Train"


def test_numbers_are_written_as_the_language_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "language", lambda: "es")
    assert text.number(84060) == "84.060"
    assert text.percent(0.9502, 1) == "95,0%"
    assert text.short_number(0.00001) == "0,00001"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0123456, "0.0123"), (-5678.9, "-5,678.90"), (0.0, "0.00"), (1e-30, "0.0000000000"), (1.0, "1.00")],
)
def test_a_precise_number_has_three_digits_that_count_and_two_to_ten_decimals(
    value: float, shown: str
) -> None:
    assert text.precise(value) == shown


def test_what_rounds_to_nothing_is_shown_without_a_sign() -> None:
    assert text.number(-0.0004, 3) == "0.000"
    assert text.number(-0.0006, 3) == "-0.001"
