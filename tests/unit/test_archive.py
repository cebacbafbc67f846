"""Archives of somebody's work that are damaged or hostile: each is refused with a sentence, within bounds."""

import io
import json
import pickle
import random
import re
import struct
import tomllib
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from model.config import TrainingConfig
from model.drawing.collection import submit
from model.evaluation.hypothesis import Guess
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state
from runs.records import RunSnapshot, RunState
from runs.runner import Runner
from storage.archive import Sizes
from storage.database import in_folder
from storage.writer import Writer
from testing.documented import ROOT
from testing.engines import TINY, InlineEngine, learn
from testing.hostile_weights import npy
from testing.waiting import over
from visitors.archive import format as form
from visitors.archive.problems import ArchiveError
from visitors.archive.reading import Archive
from visitors.archive.writing import export, planned
from visitors.desks import Desks
from visitors.hypotheses import Hypotheses, Hypothesis, Trial, Variant
from visitors.imported_networks import ImportedNetworks
from visitors.own_tests import OwnTests

ADA = "a" * 64
LINE = [np.array([[10.0, 20.0], [30.0, 200.0]])]
RUN, WEIGHTS = "runs/0001/run.json", "runs/0001/epoch-003.npz"
Change = Callable[[Any], Any]


def weights(config: TrainingConfig = TINY, epoch: int = 3, value: float | None = None) -> bytes:
    arrays = initial_state(config).weights
    if value is not None:
        arrays = tuple(np.full_like(array, value) for array in arrays)
    return to_npz(Network.from_arrays(arrays, config.activation), config, epoch)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """An archive of a run, a digit, a hypothesis, a network, a recipe and a drawing."""
    runner = Runner(InlineEngine(), learn, Writer(in_folder(tmp_path_factory.mktemp("data"))))
    assert runner.writer.wait_until_open(10)
    run_id = runner.submit(TINY, ADA)
    over(runner, run_id)
    OwnTests(runner.writer).change(ADA, partial(submit, number=0, strokes=LINE))
    ImportedNetworks(runner.writer).add(ADA, weights())
    desks = Desks(runner.writer)
    drawing = {"objects": [{"type": "Path", "path": [["M", 1, 2], ["L", 3, 4]]}], "size": "normal"}
    desks.keep(ADA, TINY.to_json(), json.dumps(drawing))
    trial = Trial(
        a=Variant(name="A", config=TINY, run_id=run_id), b=Variant(name="B", config=TINY.with_changes(seed=1))
    )
    hypothesis = Hypothesis(guess=Guess.SAME, why="", trials=(trial,))
    Hypotheses(runner.writer).keep(ADA, hypothesis)
    assert runner.writer.backlog.flush(10)
    yield export(runner, ADA)
    runner.close(5)


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, part)
    return content.getvalue()


def with_json(content: bytes, name: str, change: Change) -> bytes:
    files = entries(content)
    return zipped({**files, name: json.dumps(change(json.loads(files[name]))).encode()})


def refusal(content: bytes) -> str:
    with pytest.raises(ArchiveError) as caught:
        Archive(content).check()
    text = str(caught.value)
    assert 60 < len(text) < 900, text
    assert text.isprintable(), text
    assert "Nothing was imported." in text
    assert not re.search(r"\{(name|expected|received|size|problem|where)\}|Message\(", text), text
    return text


def test_a_good_archive_is_read_and_holds_everything(good: bytes) -> None:
    archive = Archive(good)
    archive.check()
    work = archive.work(ADA, str)
    [run] = work.runs
    assert sorted(run.weights) == [0, 1, 2, 3]
    assert len(run.points) == 4
    assert run.state is not None
    assert work.numbers == {1}
    assert work.test is not None
    assert (len(work.test.trials), len(work.hypotheses), len(list(work.networks))) == (1, 1, 1)
    assert work.desk is not None


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no archive", b"\0" * 100], ids=["empty", "PK", "text", "zeros"]
)
def test_another_kind_of_file_is_named_as_such(content: bytes) -> None:
    assert "cannot be read as an archive" in refusal(content)


def test_another_zip_is_named_by_what_is_in_it() -> None:
    assert "it holds “a.txt”" in refusal(zipped({"a.txt": b"a"}))
    assert "not an archive exported from My work" in refusal(zipped({}))


def test_what_a_teacher_takes_home_is_called_that() -> None:
    assert "a whole lesson" in refusal(zipped({"README.txt": b"", "report.html": b"", "data_card.md": b""}))


def test_an_archive_that_was_cut_anywhere_is_refused(good: bytes) -> None:
    for length in [*range(0, len(good), 997), len(good) - 1]:
        refusal(good[:length])


def test_flipped_bits_are_refused_or_change_nothing_that_matters(good: bytes) -> None:
    chance = random.Random(3)
    refused = 0
    for _ in range(150):
        changed = bytearray(good)
        changed[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        try:
            Archive(bytes(changed)).check()
        except ArchiveError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "/etc/passwd",
        "runs/0001/../../x",
        "runs\\0001\\run.json",
        "C:\\x",
        "runs/٠٠٠١/run.json",
        "runs/0001/epoch-0001.npz",
        "runs/0001/run.json/",
        "networks/01.keras",
        "x" * 60_000,
    ],
)
def test_a_name_that_no_archive_has_is_refused(good: bytes, name: str) -> None:
    assert "another name" in refusal(zipped({**entries(good), name: b"{}"}))


def test_nothing_is_read_of_which_there_are_two(good: bytes) -> None:
    files = list(entries(good).items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped([*files, (RUN, dict(files)[RUN])])
    assert "there once" in refusal(twice)


def test_a_million_files_are_refused_before_they_are_looked_at() -> None:
    # A directory with 500,000 entries, in as few bytes as they take, whose end says that there are 16.
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", *[0] * 6, *[0] * 3, 1, *[0] * 4, *[0] * 2) + b"x"
    directory = entry * 500_000
    for count, size in ((16, len(directory)), (65_535, len(directory)), (16, 100)):
        content = directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, 0, 0)
        tracemalloc.start()
        refusal(content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000
    files = [(f"handwriting/{number:03}.json", b"") for number in range(1_000)] * 21
    with pytest.warns(UserWarning, match="Duplicate name"):
        refusal(zipped(files))


@pytest.mark.parametrize("name", [RUN, WEIGHTS, "manifest.json", "handwriting/001.json", "desk.json"])
def test_a_file_that_unpacks_to_gigabytes_is_never_unpacked(good: bytes, name: str) -> None:
    bomb = zipped({**entries(good), name: b" " * 50_000_000})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert "at most" in refusal(bomb)
    # The directory may also lie about it.
    lie = bomb.replace(struct.pack("<I", 50_000_000), struct.pack("<I", 1_000))
    refusal(lie)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_many_files_that_are_within_bounds_alone_are_not_together(good: bytes) -> None:
    large = {f"runs/{number:04}/unfinished.npz": b" " * 9_000_000 for number in range(1, 40)}
    assert "An archive may have at most" in refusal(zipped({**entries(good), **large}))


def test_a_file_is_read_only_up_to_its_bound(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "READ_BYTES", len(good) - 1)
    assert "An archive may have at most" in refusal(good)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"id": ' * 50_000,
        b"\xff\xfe",
        b"null",
        b'"\\ud800"',
        b"1" * 10_000,
    ],
)
@pytest.mark.parametrize(
    "name", [RUN, "manifest.json", "handwriting/test.json", "hypotheses.json", "desk.json"]
)
def test_what_is_no_json_of_ours_is_refused(good: bytes, name: str, text: bytes) -> None:
    assert name in refusal(zipped({**entries(good), name: text}))


@pytest.mark.parametrize("missing", [RUN, WEIGHTS, "handwriting/001.json", "networks/01.npz"])
def test_a_file_that_is_missing_is_named(good: bytes, missing: str) -> None:
    files = entries(good)
    del files[missing]
    assert missing in refusal(zipped(files))


def _history(change: Change) -> Change:
    return lambda run: {**run, "history": change(run["history"])}


def _point(**values: Any) -> Change:
    return _history(lambda points: [*points[:2], {**points[2], **values}, *points[3:]])


def _goes_on(**values: Any) -> Change:
    return lambda run: {**run, "goes_on": {**run["goes_on"], **values}}


def _done(**values: Any) -> Change:
    return lambda run: _goes_on(done={**run["goes_on"]["done"], **values})(run)


EVENT = {"kind": "learning_rate", "epoch": 1, "step": 0, "value": 0.1}


@pytest.mark.parametrize(
    "change",
    [
        lambda run: {**run, "id": "../../etc/passwd"},
        lambda run: {**run, "id": "x" * 17},
        lambda run: {**run, "number": 0},
        lambda run: {**run, "number": 10**30},
        lambda run: {**run, "number": "1"},
        lambda run: {**run, "name": "x" * 61},
        lambda run: {**run, "name": "a\0b"},
        lambda run: {**run, "state": "running"},
        lambda run: {**run, "visitor": "somebody else"},
        lambda run: {**run, "recipe": {**run["recipe"], "epochs": 10**9}},
        lambda run: {**run, "recipe": {**run["recipe"], "hidden_layers": [512] * 5}},
        lambda run: {**run, "recipe": {**run["recipe"], "hidden_layers": [9]}},
        lambda run: {**run, "recipe": {**run["recipe"], "epochs": 2}},
        lambda run: {**run, "fingerprint": "x" * 5_000},
        lambda run: {**run, "images_per_second": float("nan")},
        lambda run: {**run, "images_per_second": -1},
        lambda run: {**run, "weights": [0, 0, 1]},
        lambda run: {**run, "weights": [3, 2]},
        lambda run: {**run, "weights": [0, 1, 2, 4]},
        lambda run: {**run, "weights": [-1]},
        lambda run: {**run, "weights": [0, 1, 2]},
        lambda run: {**run, "events": [EVENT] * 1_001},
        lambda run: {**run, "events": [{**EVENT, "value": 1e9}]},
        lambda run: {**run, "events": [{**EVENT, "value": float("inf")}]},
        lambda run: {**run, "events": [{**EVENT, "kind": "levitated"}]},
        lambda run: {**run, "events": [{**EVENT, "kind": "epochs", "value": 1e4}]},
        lambda run: {**run, "events": [{**EVENT, "epoch": -5}]},
        lambda run: {**run, "problem": {"sentence": "x", "text": "y", "values": {"x": [[]]}}},
        lambda run: {**run, "problem": {"sentence": "x" * 5_000, "text": "y", "values": {}}},
        _history(lambda points: points[:2] + points[3:]),
        _history(lambda points: points[1:]),
        _history(lambda points: points * 30),
        _history(lambda points: points[::-1]),
        _history(lambda _points: []),
        _point(epoch=7),
        _point(training={"loss": float("nan"), "accuracy": 0.5}),
        _point(validation={"loss": 1.0, "accuracy": 1.5}),
        _goes_on(optimizer=1),
        _goes_on(optimizer=-1),
        _goes_on(so_far=[{"images": 0, "loss": 1, "correct": 0, "seconds": 1, "xla": True}]),
        _done(epoch=2),
        _done(epoch=4),
        _done(ends_epoch=False),
        _done(first_step=-10**9),
        _done(steps=10**9),
    ],
)  # fmt: skip
def test_a_run_whose_parts_do_not_fit_is_refused(good: bytes, change: Change) -> None:
    refusal(with_json(good, RUN, change))


class Evil:
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return pytest.fail, ("unpickled",)


def _pickled() -> bytes:
    content = io.BytesIO()
    np.savez(content, config=np.array([Evil()], object), allow_pickle=True)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\5\6" + bytes(18),
        weights(epoch=2),
        weights(TINY.with_changes(hidden_layers=(9,))),
        weights(TINY.with_changes(seed=7)),
        weights(value=float("nan")),
        weights(value=float("inf")),
        _pickled(),
        pickle.dumps(Evil()),
    ],
    ids=["empty", "no files", "epoch", "shape", "recipe", "NaN", "inf", "object", "pickle"],
)
def test_weights_that_are_not_those_of_the_run_are_refused(good: bytes, content: bytes) -> None:
    assert WEIGHTS in refusal(zipped({**entries(good), WEIGHTS: content}))


def test_a_run_that_diverged_may_have_weights_that_are_no_numbers(good: bytes) -> None:
    changed = with_json(good, RUN, lambda run: {**run, "diverged": True})
    content = zipped({**entries(changed), WEIGHTS: weights(value=float("nan"))})
    [run] = Archive(content).work(ADA, str).runs
    assert all(np.isnan(array).all() for array in run.weights[3])


COUNTER = np.array(6)
KERNEL, BIAS, KERNEL_2, BIAS_2 = initial_state(TINY).weights


@pytest.mark.parametrize(
    "variables",
    [
        [b"no array"],
        [npy(np.array([Evil()], object))],
        [npy(np.array(1.5))],
        [npy(KERNEL)],
        [npy(COUNTER), npy(KERNEL)],
        [npy(COUNTER), *[npy(np.zeros((9, 9), np.float32))] * 4],
        [npy(COUNTER), *[npy(array.astype(np.float64)) for array in (KERNEL, BIAS, KERNEL_2, BIAS_2)]],
        [npy(COUNTER)[:-1]],
        [npy(COUNTER) + b"more"],
    ],
)
def test_an_optimizer_of_other_shapes_is_refused(good: bytes, variables: list[bytes]) -> None:
    changed = with_json(good, RUN, _goes_on(optimizer=len(variables)))
    files = {f"runs/0001/optimizer-{number:02}.npy": part for number, part in enumerate(variables, 1)}
    refusal(zipped({**entries(changed), **files}))


def test_an_optimizer_as_the_recipe_shapes_it_is_read_to_the_last_bit(good: bytes) -> None:
    arrays = [COUNTER, KERNEL, KERNEL, BIAS, BIAS, KERNEL_2, KERNEL_2, BIAS_2, BIAS_2]
    changed = with_json(good, RUN, _goes_on(optimizer=len(arrays)))
    files = {f"runs/0001/optimizer-{number:02}.npy": npy(array) for number, array in enumerate(arrays, 1)}
    [run] = Archive(zipped({**entries(changed), **files})).work(ADA, str).runs
    assert run.state is not None
    assert [array.tobytes() for array in run.state.training.optimizer] == [a.tobytes() for a in arrays]


def _hypothesis(**values: Any) -> Change:
    def change(file: Any) -> Any:
        [kept] = file["hypotheses"]
        return {"hypotheses": [{**kept, "hypothesis": {**kept["hypothesis"], **values}}]}

    return change


def _item(**values: Any) -> Change:
    path = {"type": "Path", "path": [["M", 1, 2], ["L", 3, 4]], **values}
    return lambda desk: {**desk, "drawing": {"objects": [path], "size": "normal"}}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("manifest.json", lambda file: {**file, "format": "another"}),
        ("manifest.json", lambda file: {**file, "runs": 10**9}),
        ("handwriting/test.json", lambda file: {**file, "asked": 2}),
        ("handwriting/test.json", lambda file: {**file, "asked": 501}),
        ("handwriting/test.json", lambda file: {**file, "seed": -1}),
        ("handwriting/001.json", lambda file: {**file, "digit": (file["digit"] + 1) % 10}),
        ("handwriting/001.json", lambda file: {**file, "pointer": "nose"}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[[1, 2]] * 5_000]}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[[1, 2]]] * 101}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[[1e300, 2]]]}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[[float("nan"), 2]]]}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[[1, 2, 3]]]}),
        ("handwriting/001.json", lambda file: {**file, "strokes": [[]]}),
        ("hypotheses.json", _hypothesis(trials=[])),
        ("hypotheses.json", _hypothesis(why="x" * 501)),
        ("hypotheses.json", _hypothesis(name="../x")),
        ("hypotheses.json", _hypothesis(guess="42")),
        ("hypotheses.json", lambda file: {"hypotheses": file["hypotheses"] * 1_001}),
        ("networks.json", lambda file: {"networks": [{**file["networks"][0], "file": "../x"}]}),
        ("networks.json", lambda file: {"networks": [{**file["networks"][0], "file": "networks/02.npz"}]}),
        ("desk.json", lambda desk: {**desk, "recipe": {"warp": 9}}),
        ("desk.json", _item(type="Image", src="https://example.org/x.png")),
        ("desk.json", _item(path="M 1 2")),
        ("desk.json", _item(path=[["M", {"x": 1}]])),
        ("desk.json", _item(path=[["<script>", 1]])),
        ("desk.json", _item(path=[["M", 1, 2]] * 60_000)),
    ],
)  # fmt: skip
def test_what_could_not_be_made_on_a_page_is_refused(good: bytes, name: str, change: Change) -> None:
    assert name.partition("/")[0].partition(".")[0] in refusal(with_json(good, name, change))


def test_a_drawing_keeps_only_plain_values(good: bytes) -> None:
    change = _item(stroke="#fff", strokeWidth=12, clipPath={"type": "Image"}, fill="url(https://x.org)")
    desk = Archive(with_json(good, "desk.json", change)).work(ADA, str).desk
    assert desk is not None
    [item] = json.loads(desk.drawing or "")["objects"]
    assert item == {"type": "Path", "path": [["M", 1, 2], ["L", 3, 4]], "stroke": "#fff", "strokeWidth": 12}


def test_an_archive_of_a_newer_program_says_so_whatever_else_is_in_it(good: bytes) -> None:
    changed = with_json(good, "manifest.json", lambda file: {**file, "version": 2, "colour": "red"})
    assert "A newer Digit Lab wrote this archive" in refusal(changed)


def test_two_runs_with_one_id_are_refused(good: bytes) -> None:
    files = entries(with_json(good, "manifest.json", lambda file: {**file, "runs": 2}))
    twins = {name.replace("0001", "0002"): part for name, part in files.items() if name.startswith("runs/")}
    assert "another run than the others" in refusal(zipped({**files, **twins}))


def test_an_id_is_derived_from_who_imports_and_never_the_one_that_is_asked_for() -> None:
    ids = {form.derived_id(visitor, run) for visitor in (ADA, "b" * 64) for run in ("x" * 16, "y" * 16)}
    assert len(ids) == 4
    assert all(re.fullmatch(form.ID, found) for found in ids)
    assert form.derived_id(ADA, "x" * 16) == form.derived_id(ADA, "x" * 16)


def _runs(count: int) -> list[RunSnapshot]:
    """The newest first."""
    return [RunSnapshot(f"{n}", n, TINY, TINY, RunState.FINISHED) for n in range(count, 0, -1)]


def test_small_runs_stay_whole_and_large_ones_share_what_is_left() -> None:
    small, large = Sizes({0: 10**6, 1: 10**6}, 0), Sizes(dict.fromkeys(range(101), 10**6), 0)
    contents = planned(_runs(3), {"1": small, "2": large, "3": large}, 0)
    assert [len(contents.epochs[run]) for run in "123"] == [2, 46, 46]
    assert (contents.without_weights, contents.thinned) == (0, 2)
    assert contents.bytes <= form.WRITTEN_BYTES
    assert {0, 100} <= set(contents.epochs["3"])


def test_where_not_even_one_epoch_of_each_fits_the_oldest_runs_come_without_weights() -> None:
    sizes = {f"{n}": Sizes({0: 10**6, 5: 10**6}, 10**5) for n in range(1, 101)}
    contents = planned(_runs(100), sizes, 0)
    assert contents.without_weights == 100 - len(contents.epochs) > 10
    assert set(map(tuple, contents.epochs.values())) == {(5,)}
    assert set(contents.epochs) == {f"{n}" for n in range(100, contents.without_weights, -1)}
    assert contents.bytes <= form.WRITTEN_BYTES


def test_texts_that_would_turn_or_hide_others_are_brought_in_without_that(good: bytes) -> None:
    content = with_json(good, RUN, lambda run: {**run, "name": "my\u202e \x07best"})
    content = with_json(content, "hypotheses.json", _hypothesis(why="\u2066since", explanation="it\nis"))
    work = Archive(content).work(ADA, str)
    assert [run.record.name for run in work.runs] == ["my best"]
    [hypothesis] = [Hypothesis.model_validate_json(stored.content) for stored in work.hypotheses]
    assert (hypothesis.why, hypothesis.explanation) == ("since", "it is")


def test_the_server_takes_an_archive_that_is_as_large_as_may_be() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] * 1_000_000 == form.READ_BYTES
