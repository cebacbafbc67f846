"""What the lists of My work share: a table, a choice among its rows, and deleting what was chosen."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from ui.base import session
from ui.base.errors import reported
from ui.base.text import _

_ROW_PIXELS, _MAX_ROWS = 35, 10
_NUMBER_PIXELS = 60


def show_table(columns: Mapping[str, Sequence[object]], key: str) -> None:
    """All rows, as many at a time as a screen bears. The first of ``columns`` holds their numbers."""
    numbers, *_others = columns
    st.dataframe(
        columns,
        height=_ROW_PIXELS * (1 + min(len(columns[numbers]), _MAX_ROWS)) + 3,
        hide_index=True,
        column_config={numbers: st.column_config.NumberColumn(width=_NUMBER_PIXELS, alignment="left")},
        key=key,
    )


def choose(label: str, placeholder: str, names: Mapping[str, str], key: str) -> list[str]:
    """The ids of what is chosen, of those in ``names``, in the order in which it was chosen."""
    return st.multiselect(
        label,
        list(names),
        format_func=lambda each: names[each],
        key=f"{key}_{session.visit.get()}",
        placeholder=placeholder,
        wrap=True,
    )


def open_button(key: str, chosen: Sequence[str]) -> bool:
    """A button for one that is chosen; whether it was pressed."""
    return st.button(_("Open"), key=key, icon=":material/open_in_new:", disabled=len(chosen) != 1)


def delete_button(
    question: str, key: str, delete: Callable[..., object], *what: object, is_off: bool = False
) -> None:
    """A button that asks the ``question``, and then calls ``delete`` with ``what`` is to be deleted."""
    with st.popover(_("Delete"), icon=":material/delete:", disabled=is_off, key=f"ask_{key}"):
        st.markdown(question)
        st.button(_("Delete for good"), key=key, type="primary", on_click=reported(delete), args=what)
