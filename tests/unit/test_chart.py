"""Figures that are shared: made once, and the same as plotly's own."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import plotly.graph_objects as go
import plotly.io
import plotly.tools

from ui.components import chart
from ui.figures.lesson import loss_figure


def test_a_shared_figure_is_plotlys_own_to_the_last_value() -> None:
    own = loss_figure(0.3, "probability", "loss")
    found = chart.shared(loss_figure, 0.3, "probability", "loss")
    # As Streamlit takes it.
    taken = plotly.tools.return_figure_from_figure_or_data(found, validate_figure=True)
    assert json.loads(plotly.io.to_json(taken, validate=False)) == json.loads(own.to_json())
    assert chart.values(found, "key") == chart.values(own, "key")


def test_a_figure_is_made_once_for_all_who_ask_at_once_and_anew_for_other_values() -> None:
    made = []

    def make(height: float) -> go.Figure:
        made.append(height)
        return go.Figure(go.Bar(y=[height]))

    with ThreadPoolExecutor(8) as visitors:
        list(visitors.map(lambda _: chart.shared(make, 1.0), range(8)))
    assert made == [1.0]
    chart.shared(make, 2.0)
    assert made == [1.0, 2.0]


def test_a_figure_that_is_there_waits_for_no_figure_that_is_made() -> None:
    is_making, may_end = Event(), Event()

    def make(height: float) -> go.Figure:
        if height == 3.0:
            is_making.set()
            may_end.wait(20)
        return go.Figure(go.Bar(y=[height]))

    there = chart.shared(make, 4.0)
    with ThreadPoolExecutor(2) as visitors:
        slow = visitors.submit(chart.shared, make, 3.0)
        assert is_making.wait(20)
        try:
            assert visitors.submit(chart.shared, make, 4.0).result(10) is there
        finally:
            may_end.set()
        slow.result()
