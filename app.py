"""Streamlit imports this file to find the app that it serves, and runs it to show that app's Home."""

import streamlit as st

if __name__ == "__main__":
    from ui.base.text import _
    from ui.components.charts_ahead import load_charts
    from ui.frame import frame, next_button
    from ui.home.page import about_the_network, draw_and_read, join_a_class, teach_a_class, your_runs

    with frame("home"):
        st.header(_("Digit Lab: draw a digit, a neural network reads it"), anchor=False)
        draw_and_read()
        with st.container(horizontal=True, vertical_alignment="center"):
            next_button("train", _("Train your own"))
            join_a_class()
        about_the_network()
        your_runs()
        teach_a_class()
        load_charts()
else:
    from starlette.middleware import Middleware

    from ui.amended import Amended
    from ui.base.lifetime import lifespan
    from ui.compressed import CompressedOnce
    from ui.operating.monitoring import status_route
    from ui.whole_pages import complete_pages

    complete_pages()
    middleware = [Middleware(CompressedOnce), Middleware(Amended)]
    app = st.App(__file__, lifespan=lifespan, routes=[status_route()], middleware=middleware)
