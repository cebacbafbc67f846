"""The networks that the visitor imported from a file."""

import streamlit as st

from model.config import layers_text
from ui.base import resources, session
from ui.base.text import _, plural
from ui.components.page_link import caption_with_link
from ui.my_work import lists
from ui.networks.selection import imported, imported_names
from ui.recipe.labels import option_name


def show_networks() -> None:
    """The table, and below it the buttons."""
    st.subheader(_("Imported networks"), anchor=False)
    files = imported().values()
    if not files:
        text = _("No imported network yet. Evaluate imports weights from a file.")
        caption_with_link(text, "pages/evaluate.py", _("Evaluate"))
        return
    columns: dict[str, list[object]] = {
        _("no."): list(range(len(files), 0, -1)),
        _("network"): [layers_text(file.config.layer_sizes) for file in files],
        _("activation"): [option_name(file.config.activation) for file in files],
        _("epoch"): [file.epoch for file in files],
    }
    lists.show_table(columns, "networks_table")
    label, placeholder = _("Choose networks"), _("To open or delete them")
    chosen = lists.choose(label, placeholder, imported_names(), "chosen_networks")
    with st.container(horizontal=True):
        if lists.open_button("open_network", chosen):
            session.network_to_show.set(chosen[0])
            st.switch_page("pages/evaluate.py")
        question = plural(
            "Delete this imported network? This cannot be undone.",
            "Delete these {count} imported networks? This cannot be undone.",
            len(chosen),
        )
        delete = resources.imported_networks().delete
        lists.delete_button(question, "delete_networks", delete, session.visitor(), chosen, is_off=not chosen)
