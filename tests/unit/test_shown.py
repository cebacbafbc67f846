"""What a page shows, put together from messages, as the benchmarks of a class read it."""

from collections.abc import Sequence

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from testing.shown import Shown


def begin(run: str, fragments: Sequence[str] = ()) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.SetInParent()
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def text(path: Sequence[int], body: str, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.new_element.markdown.body = body
    message.delta.fragment_id = fragment
    return message


def block(path: Sequence[int], fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.add_block.SetInParent()
    message.delta.fragment_id = fragment
    return message


def end(how: ForwardMsg.ScriptFinishedStatus.ValueType = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    return ForwardMsg(script_finished=how)


def shown(*messages: ForwardMsg) -> Shown:
    page = Shown()
    for message in messages:
        page.take(message)
    return page


def says(page: Shown) -> list[str]:
    return [element.markdown.body for element in page.elements]


def test_what_a_run_does_not_draw_again_is_gone_at_its_end() -> None:
    page = shown(begin("one"), text([0, 0], "first"), text([0, 1], "second"), end())
    assert says(page) == ["first", "second"]
    page.take(begin("two"))
    page.take(text([0, 0], "first again"))
    page.take(end(ForwardMsg.FINISHED_EARLY_FOR_RERUN))
    assert says(page) == ["first again", "second"], "the page has not come to its end"
    page.take(end())
    assert says(page) == ["first again"]


def test_a_fragment_draws_what_is_its_own_and_leaves_the_rest() -> None:
    page = shown(
        begin("one"),
        text([0, 0], "page"),
        text([0, 1, 0], "fragment", "f"),
        block([0, 1, 1], "f"),
        text([0, 1, 1, 0], "a fragment within it", "inner"),
        end(),
        begin("two", ["f"]),
        text([0, 1, 0], "fragment again", "f"),
        block([0, 1, 1], "f"),
        end(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY),
    )
    assert says(page) == ["page", "fragment again"]


def test_a_large_message_is_shown_again_where_it_is_only_referred_to() -> None:
    large = text([0, 0], "large")
    large.hash, large.metadata.cacheable = "abc", True
    reference = ForwardMsg(ref_hash="abc")
    reference.metadata.delta_path.extend([0, 3])
    page = shown(begin("one"), large, end())
    assert page.kept == ["abc"]
    for message in (begin("two"), reference, end()):
        page.take(message)
    assert says(page) == ["large"]
    for run in "345":
        page.take(begin(run))
        page.take(end())
    assert page.kept == [], "a browser has forgotten it"


def test_errors_are_counted_and_notes_are_not() -> None:
    error, note, exception = text([0, 0], ""), text([0, 1], ""), text([0, 2], "")
    error.delta.new_element.alert.body, error.delta.new_element.alert.format = "It broke.", Alert.ERROR
    note.delta.new_element.alert.body, note.delta.new_element.alert.format = "By the way", Alert.INFO
    exception.delta.new_element.exception.type = "KeyError"
    page = shown(begin("one"), error, note, exception, end())
    assert page.errors == ["It broke.", "KeyError: "]


def test_a_widget_is_found_by_its_key_and_by_its_label() -> None:
    message = text([0, 0], "")
    message.delta.new_element.button.id = "$$ID-0123abcd-open-room_1"
    message.delta.new_element.button.label = "Open a room"
    message.delta.fragment_id = "f"
    page = shown(begin("one"), message, end())
    assert page.keys == ["open-room_1"]
    for name in ("open-room_1", "Open a room"):
        widget = page.widget(name)
        assert widget is not None
        assert widget.fragment == "f"
    assert page.widget("room_1") is None
