"""The script that draws charts is known by its name, for the browser to load it ahead."""

from pathlib import Path

import streamlit as st

from testing.pages import OpenPage
from ui.components.charts_ahead import chart_script


def test_streamlits_script_with_plotly_in_it_is_found() -> None:
    name = chart_script()
    assert name is not None
    script = Path(st.__file__).parent / "static" / "static" / "js" / name
    assert script.stat().st_size > 3e6
    assert b"Plotly" in script.read_bytes()


def test_a_page_with_a_pad_has_it_loaded_and_one_with_a_chart_need_not(open_page: OpenPage) -> None:
    def loads(name: str) -> bool:
        components = open_page(name).get("bidi_component")
        return "digitlab_charts_ahead" in [element.proto.component_name for element in components]

    assert loads("home")
    assert loads("draw")
    assert not loads("train")
