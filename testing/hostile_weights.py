"""Damaged and hostile files of weights; long, since it lists every way that is known to break a reader."""

import io
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from model.config import TrainingConfig
from model.export.npz_archive import MAX_BYTES
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state

CONFIG = TrainingConfig(hidden_layers=(16, 8), activation="tanh", optimizer="adam", seed=3)
NETWORK = Network.from_arrays(initial_state(CONFIG).weights, CONFIG.activation)
GOOD = to_npz(NETWORK, CONFIG, 7)
MARK = "digitlab-was-unpickled"

Entries = list[tuple[str, bytes]]


class Evil:
    """Leaves a folder behind where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.mkdir, (Path(MARK),)


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


def raw_npy(header: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    text = header.encode("latin-1") + b"\n"
    return (
        b"\x93NUMPY"
        + bytes(version)
        + struct.pack("<H" if version == (1, 0) else "<I", len(text))
        + text
        + data
    )


def header(descr: str, shape: str, fortran: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


def entries_of(**changed: bytes | None) -> Entries:
    """The good file's entries; ``changed`` replaces, adds, or with ``None`` removes one."""
    made: dict[str, bytes | None] = {"config": npy(CONFIG.to_json()), "epoch": npy(7)}
    names = [f"{part}_{layer}" for layer in (1, 2, 3) for part in ("kernel", "bias")]
    made |= {name: npy(array) for name, array in zip(names, NETWORK.weights, strict=True)} | changed
    return [(f"{name}.npy", content) for name, content in made.items() if content is not None]


def archive(entries: Entries, method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        made.comment = comment
        for name, content in entries:
            made.writestr(name, content)
    return file.getvalue()


def pickled(value: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([value], object), allow_pickle=True)
    return file.getvalue()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files that have to be refused, each with a name; each is made when it is asked for."""
    yield from _not_archives()
    yield from _truncated()
    yield from _wrong_names()
    yield from _wrong_arrays()
    yield from _wrong_headers()
    yield from _wrong_configs()
    yield from _wrong_epochs()
    yield from _bombs()
    yield from _tricked_directories()


def flipped() -> Iterator[tuple[str, bytes]]:
    """The good file with damaged bits: some harmless, as in a date."""
    rng = np.random.default_rng(0)
    for number in range(300):
        content = bytearray(GOOD)
        for index in rng.integers(len(content), size=1 + number % 3):
            content[index] ^= 1 << rng.integers(8)
        yield f"flip {number}", bytes(content)
    # The directory and the local headers are small beside the arrays: each of their bytes in turn.
    start = GOOD.rindex(b"PK\x01\x02")
    for index in [*range(60), *range(start, len(GOOD))]:
        for bit in (0, 3, 7):
            content = bytearray(GOOD)
            content[index] ^= 1 << bit
            yield f"byte {index} bit {bit}", bytes(content)


def _not_archives() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(1)
    yield "empty", b""
    yield "one byte", b"P"
    yield "text", b"weights"
    yield "a .npy", npy(np.ones(3))
    yield "a pickle", pickle.dumps(Evil())
    yield "a .npy with a pickle", pickled(Evil())
    yield "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(1000)
    yield "gzip", b"\x1f\x8b\x08" + bytes(100)
    yield "an archive without entries", archive([])
    yield "signatures only", b"PK\x03\x04" * 100 + b"PK\x05\x06"
    yield "too large", bytes(MAX_BYTES + 1)
    yield "just not too large", bytes(MAX_BYTES)
    for size in (21, 22, 23, 100, 5_000):
        yield f"noise of {size} bytes", rng.bytes(size)
        yield f"noise of {size} bytes before an end", rng.bytes(size) + GOOD[-22:]


def _truncated() -> Iterator[tuple[str, bytes]]:
    for size in np.linspace(1, len(GOOD) - 1, 60).astype(int):
        yield f"the first {size} bytes", GOOD[:size]
    for size in (1, 10, 100, 1_000):
        yield f"without the first {size} bytes", GOOD[size:]
        yield f"without {size} bytes in the middle", GOOD[:5_000] + GOOD[5_000 + size :]
        yield f"with {size} bytes behind", GOOD + bytes(size)
    yield "twice", GOOD[:-22] + GOOD[:-5]


def _wrong_names() -> Iterator[tuple[str, bytes]]:
    for name, _content in entries_of():
        yield f"no {name}", archive([entry for entry in entries_of() if entry[0] != name])
        yield f"{name} twice", archive([*entries_of(), (name, npy(np.ones(3)))])
        yield f"{name} in capitals", archive([(n.upper() if n == name else n, c) for n, c in entries_of()])
    evil = npy(np.ones(3))
    for name in (
        "../kernel_1.npy",
        "../../../../etc/cron.d/x",
        "/etc/passwd",
        "C:\\windows\\x.npy",
        "..\\..\\x.npy",
        "kernel_1.npy/",
        "kernel_1",
        "kernel_0.npy",
        "kernel_4.npy",
        "kernel_99999999999999999999.npy",
        "bias_-1.npy",
        "readme.txt",
        "__MACOSX/._kernel_1.npy",
        "{0}{x}.npy",
        "<script>alert(1)</script>.npy",
        "[x](javascript:alert(1)).npy",
        "\x1b[31m.npy",
        "ⅸ\u202enpy.npy",
        "kernel_1.npy\0.exe",
        "x" * 60_000,
    ):
        yield f"also {name[:40]!r}", archive([*entries_of(), (name, evil)])
        yield f"{name[:40]!r} for a kernel", archive([*entries_of(kernel_2=None), (name, evil)])
    yield "one layer more than allowed", archive(entries_of(kernel_6=evil, bias_6=evil))
    yield "NumPy's own names", _savez(*NETWORK.weights)
    yield "the snapshots' names", _savez(config=CONFIG.to_json(), epoch=7, layer_0=np.ones((784, 10)))


def _wrong_arrays() -> Iterator[tuple[str, bytes]]:
    kernel, bias = NETWORK.weights[2], NETWORK.weights[3]
    for value in (np.nan, np.inf, -np.inf, 1e30, -20_000):
        for dtype in (np.float32, np.float64, np.float16):
            if np.isfinite(value) and dtype == np.float16 and abs(value) > 60_000:
                continue
            yield (
                f"{value} as {dtype.__name__}",
                archive(entries_of(kernel_2=npy(_with(kernel, value, dtype)))),
            )
        yield f"{value} in a bias", archive(entries_of(bias_2=npy(_with(bias, value, np.float32))))
    wrong = {
        "transposed": kernel.T,
        "flat": kernel.ravel(),
        "three dimensions": kernel[None],
        "one row more": np.ones((17, 8), np.float32),
        "one column less": kernel[:, :-1],
        "no rows": np.ones((0, 8), np.float32),
        "a single number": np.float32(1),
        "big endian": kernel.astype(">f4"),
        "big endian float64": kernel.astype(">f8"),
        "int32": kernel.astype(np.int32),
        "uint8": kernel.astype(np.uint8),
        "bool": kernel.astype(bool),
        "complex": kernel.astype(np.complex64),
        # Where a long double is no longer than a double, the file is a valid one.
        **({"long double": kernel.astype(np.longdouble)} if np.longdouble(0).itemsize > 8 else {}),
        "dates": kernel.astype("M8[s]"),
        "bytes": kernel.astype("S8"),
        "texts": kernel.astype("U8"),
        "raw bytes": kernel.view("V4"),
        "structured": kernel.view([("weight", "<f4")]),
        "nested structure": np.zeros((16, 8), [("a", [("b", "<f4"), ("c", "<i2")])]),
    }
    for name, array in wrong.items():
        yield f"kernel: {name}", archive(entries_of(kernel_2=npy(array)))
    for name, array in {
        "a matrix": bias[None],
        "too short": bias[:-1],
        "empty": bias[:0],
        "int": bias.astype(int),
    }.items():
        yield f"bias: {name}", archive(entries_of(bias_2=npy(array)))
    for name in ("kernel_1", "bias_3", "config", "epoch"):
        yield f"pickled {name}", archive(entries_of(**{name: pickled(Evil())}))
        yield (
            f"pickled {name}, deflated",
            archive(entries_of(**{name: pickled(Evil())}), zipfile.ZIP_DEFLATED),
        )
        yield f"bare pickle as {name}", archive(entries_of(**{name: pickle.dumps(Evil())}))
        yield f"empty {name}", archive(entries_of(**{name: b""}))
        yield f"an archive as {name}", archive(entries_of(**{name: GOOD}))
        whole = dict(entries_of())[f"{name}.npy"]
        yield f"{name} cut short", archive(entries_of(**{name: whole[:-1]}))
        yield f"{name} with a byte behind", archive(entries_of(**{name: whole + b"x"}))
        yield f"half the header of {name}", archive(entries_of(**{name: whole[:40]}))
    for sizes in ((783, 16, 8, 10), (784, 16, 8, 11), (784, 16, 7, 10), (784, 16, 10), (784, 600, 8, 10)):
        arrays: dict[str, Any] = {}
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
            arrays |= {f"kernel_{layer}": np.ones((fan_in, fan_out)), f"bias_{layer}": np.ones(fan_out)}
        yield f"a network {sizes}", _savez(config=CONFIG.to_json(), epoch=7, **arrays)


def _wrong_headers() -> Iterator[tuple[str, bytes]]:
    data = NETWORK.weights[2].tobytes()
    good = header("'<f4'", "(16, 8)")
    headers = {
        "huge shape": header("'<f4'", "(99999999, 99999999)"),
        "huge single dimension": header("'<f4'", "(99999999999999999999999999, 8)"),
        "overflowing product": header("'<f4'", f"({2**63}, {2**63})"),
        "product of 0 mod 2^64": header("'<f4'", f"({2**32}, {2**32})"),
        "negative": header("'<f4'", "(-16, -8)"),
        "fractions": header("'<f4'", "(16.0, 8.0)"),
        "hundreds of dimensions": header("'<f4'", f"({'1, ' * 130})"),
        "shape of a list": header("'<f4'", "[16, 8]"),
        "shape of nothing": header("'<f4'", "None"),
        "huge text type": header("'<U2000000000'", "(16, 8)"),
        "huge raw type": header("'|V2000000000'", "(16, 8)"),
        "subarray type": header("('<f4', (1000000, 1000))", "(16, 8)"),
        "object type": header("'|O'", "(16, 8)"),
        "object inside": header("[('a', '<f4'), ('b', '|O')]", "(16, 8)"),
        "unknown type": header("'<z9'", "(16, 8)"),
        "type by class": header("float", "(16, 8)"),
        "no type": header("None", "(16, 8)"),
        "call": header("__import__('os').mkdir('x')", "(16, 8)"),
        "call as shape": header("'<f4'", "(16, exit())"),
        "order as number": header("'<f4'", "(16, 8)", "2"),
        "no order": "{'descr': '<f4', 'shape': (16, 8), }",
        "one key more": good[:-1] + "'x': 1}",
        "key twice": good[:-1] + "'shape': (1, 1)}",
        "not a dictionary": "[1, 2]",
        "unfinished": good[:-10],
        "unbalanced": "{'descr': ((((((",
        "an indent": "  {\n\t  'descr'",
        "deep brackets": "[" * 400,
        "deep minus signs": "-" * 450 + "1",
        "deep sums": "1" + "+1j" * 150,
        "nul bytes": "\0" * 100,
        "latin letters": "é" * 100,
        "Python 2's whole numbers": header("'<f4'", "(16L, 9L)"),
        "too long": good + " " * 600,
        "a very long one": good + " " * 60_000,
        "empty": "",
    }
    for name, text in headers.items():
        yield f"header: {name}", archive(entries_of(kernel_2=raw_npy(text, data)))
    for version in ((2, 0), (3, 0), (0, 0), (255, 255)):
        yield f"header: version {version}", archive(entries_of(kernel_2=raw_npy(good, data, version)))
    yield "header: other magic", archive(entries_of(kernel_2=raw_npy(good, data).replace(b"NUMPY", b"NUMPX")))
    yield "header: longer than the file", archive(entries_of(kernel_2=b"\x93NUMPY\x01\x00\xff\xff{"))
    yield "header: of config", archive(entries_of(config=raw_npy(header("'<U999999999'", "()"), b"")))
    yield "header: of epoch", archive(entries_of(epoch=raw_npy(header("'<i8'", "(999999999,)"), b"")))


def _wrong_configs() -> Iterator[tuple[str, bytes]]:
    good = CONFIG.to_json()
    texts = {
        "no text": "",
        "no JSON": "{",
        "a list": "[]",
        "a number": "1",
        "NaN": "NaN",
        "nested": "[" * 900,
        "unknown field": '{"nonsense": 1}',
        "other layers": '{"hidden_layers": [16]}',
        "more layers": '{"hidden_layers": [16, 8, 8]}',
        "too many layers": '{"hidden_layers": [8, 8, 8, 8, 8]}',
        "too few units": '{"hidden_layers": [16, 7]}',
        "too many units": '{"hidden_layers": [513, 8]}',
        "huge units": '{"hidden_layers": [16, 8e99]}',
        "layers as text": '{"hidden_layers": "16-8"}',
        "unknown activation": good.replace("tanh", "{x}"),
        "code as activation": good.replace("tanh", "__import__('os')"),
        "half a character": good.replace("tanh", "\\ud800"),
        "other letters": good.replace("tanh", "ťanh"),
        "an escape sequence": good.replace("tanh", "\x1b[31m"),
        "nul inside": good.replace("tanh", "t\0nh"),
        "long": good + " " * 2_000,
        "a huge whole number": '{"seed": 1' + "0" * 800 + "}",
        "infinite": good.replace('"learning_rate":0.01', '"learning_rate":Infinity'),
    }
    for name, text in texts.items():
        yield f"config: {name}", archive(entries_of(config=npy(text)))
    for name, array in {
        "bytes": np.array(good.encode()),
        "a list of texts": np.array([good]),
        "a number": np.array(1.0),
        "big endian": np.array(good).astype(f">U{len(good)}"),
        "beyond Unicode": np.full(len(good), 0x7FFFFFFF, "<u4").view(f"<U{len(good)}")[0:1].reshape(()),
    }.items():
        yield f"config: {name}", archive(entries_of(config=npy(array)))


def _wrong_epochs() -> Iterator[tuple[str, bytes]]:
    for epoch in (-1, 101, 2**62, 7.0, np.nan, True, "7", [7], b"7", 1j):
        yield f"epoch: {epoch!r}", archive(entries_of(epoch=npy(epoch)))
    yield "epoch: big endian", archive(entries_of(epoch=npy(np.array(7, ">i8"))))


def _bombs() -> Iterator[tuple[str, bytes]]:
    zeros = npy(np.zeros(100_000_000, np.uint8))
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        bomb = archive(entries_of(kernel_1=zeros), method)
        yield f"bomb of method {method}", bomb
        for size in (0, 1_000, 50_304):
            yield f"bomb of method {method} that claims {size} bytes", _claiming(bomb, len(zeros), size)
    del zeros
    header_bomb = archive(entries_of(kernel_1=raw_npy(header("'<f4'", "(784, 16)"), bytes(9_000_000))), 8)
    yield "bomb behind a good header", header_bomb
    names = [f"{part}_{layer}" for layer in range(1, 6) for part in ("kernel", "bias")]
    large = npy(np.zeros((784, 512)))
    yield "every entry as large as the largest", archive(entries_of(**dict.fromkeys(names, large)), 8)
    yield (
        "nested archives",
        archive(entries_of(kernel_1=archive([("a.npz", archive([("b", bytes(10**7))], 8))], 8)), 8),
    )
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as made:
        for number in range(60_000):
            made.writestr(f"{number}", b"")
    yield "60,000 entries", many.getvalue()
    yield (
        "60,000 entries that claim to be 6",
        many.getvalue()[:-14] + struct.pack("<2H", 6, 6) + many.getvalue()[-10:],
    )


def _tricked_directories() -> Iterator[tuple[str, bytes]]:
    local, central, end = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
    plain = archive(entries_of())
    assert plain.count(central) == len(entries_of())
    # Places in a local header, in an entry of the directory and in the last record, from APPNOTE.TXT.
    for name, signature, place, new in [
        ("encrypted", central, 8, b"\x01\x00"),
        ("strongly encrypted", central, 8, b"\x41\x00"),
        ("patched data", central, 8, b"\x20\x00"),
        ("hidden headers", central, 8, b"\x01\x20"),
        ("unknown method", central, 10, b"\x63\x00"),
        ("deflate64", central, 10, b"\x09\x00"),
        ("deflated, but is not", central, 10, b"\x08\x00"),
        ("wrong CRC", central, 16, b"\0\0\0\0"),
        ("smaller than it is", central, 24, b"\x10\0\0\0"),
        ("larger than it is", central, 24, b"\0\0\x10\0"),
        ("4 GB", central, 24, b"\xff\xff\xff\xff"),
        ("packed 4 GB", central, 20, b"\xff\xff\xff\xff"),
        ("long name", central, 28, b"\xff\xff"),
        ("long extra field", central, 30, b"\xff\xff"),
        ("long comment", central, 32, b"\xff\xff"),
        ("elsewhere", central, 42, b"\xff\xff\xff\x7f"),
        ("another entry's place", central, 42, b"\0\0\0\0"),
        ("needs version 99", central, 6, b"\x63\x00"),
        ("other name in front", local, 30, b"x"),
        ("wrong signature in front", local, 0, b"PK\x07\x08"),
        ("wrong signature in the directory", central, 0, b"PK\x07\x08"),
        ("no entries", end, 8, b"\0\0\0\0\0\0\0\0"),
        ("directory of 4 GB", end, 12, b"\xff\xff\xff\xff"),
        ("directory elsewhere", end, 16, b"\xff\xff\xff\xff"),
        ("directory at the start", end, 16, b"\0\0\0\0"),
        ("comment that is not there", end, 20, b"\x05\x00"),
    ]:
        second = plain.index(signature, plain.index(signature) + 1) if signature != end else plain.index(end)
        at = second + place
        yield f"directory: {name}", plain[:at] + new + plain[at + len(new) :]
    yield "with a comment", archive(entries_of(), comment=b"hello")
    zip64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**32, 2**32, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(plain) - 22, 1)
    yield "directory of 1 TB by ZIP64", plain[:-22] + zip64 + locator + plain[-22:]


def _claiming(content: bytes, real: int, claimed: int) -> bytes:
    return content.replace(struct.pack("<L", real), struct.pack("<L", claimed))


def _with(array: np.ndarray, value: float, dtype: Any) -> np.ndarray:
    changed = array.astype(dtype)
    changed.flat[-1] = value
    return changed


def _savez(*arrays: Any, **named: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, *arrays, **named)
    return file.getvalue()
