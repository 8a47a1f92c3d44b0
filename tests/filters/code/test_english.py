"""langid's model is read as data, and never run."""

import base64
import bz2
from pathlib import Path

import pytest

from filters.code.english import load_langid
from manifests.errors import UserError


def langid_file(folder: Path, pickled: bytes) -> Path:
    """A file like langid.py around a model."""
    path = folder / "langid.py"
    path.write_bytes(
        b'import x\n\nmodel=b"""\n' + base64.encodebytes(bz2.compress(pickled)) + b'"""\n\nidentifier = None\n'
    )
    return path


def listed(mark: int, items: list[bytes]) -> bytes:
    return b"(lp%d\n" % mark + b"".join(item + b"a" for item in items)


def tiny_model(next_state: list[int]) -> bytes:
    """Two languages, two features (the bytes `e` and `u`), in the form of a pickle of protocol 0."""
    weights = listed(4, [b"F%r\n" % value for value in (2.0, -1.0, -1.0, 2.0)])
    priors = listed(5, [b"F0.5\n", b"F0.0\n"])
    moves = listed(6, [b"I%d\n" % state for state in next_state])
    return (
        b"((carray\narray\np1\n(S'f'\np2\n" + weights + b"tRp3\ng1\n(g2\n" + priors + b"tRp7\n"
        + listed(8, [b"S'en'\np9\n", b"S'de'\np10\n"]) + b"g1\n(S'H'\np11\n" + moves
        + b"tRp12\n(dp13\nI1\n(I0\ntsI2\n(I1\ntstp14\n."
    )  # fmt: skip


MOVES = [1 if byte == ord("e") else 2 if byte == ord("u") else 0 for _ in range(3) for byte in range(256)]


def test_the_likeliest_language_wins(tmp_path: Path) -> None:
    model = load_langid(langid_file(tmp_path, tiny_model(MOVES)))
    assert model.languages == ["en", "de"]
    assert model.classify("eee u") == "en"
    assert model.classify("uuu e") == "de"
    assert model.classify("") == "en"  # the prior


def test_a_model_with_a_long_run_of_numbers_reads_the_same(tmp_path: Path) -> None:
    longer = MOVES + [0] * 256 * 20
    model = load_langid(langid_file(tmp_path, tiny_model(longer)))
    assert model.next_state == longer


@pytest.mark.parametrize(
    "pickled",
    [
        b"cos\nsystem\n(S'touch owned'\ntR.",
        b"\x80\x02cos\nsystem\n.",
        b"(S'a'\nI1\nt.",
        b"I1\n",
        b"(",
        b".",
        b"carray\narray\n(S'f'\nI1\ntR.",
    ],
)
def test_anything_that_is_not_plain_data_is_refused(tmp_path: Path, pickled: bytes) -> None:
    with pytest.raises(UserError, match="expected the model of langid"):
        load_langid(langid_file(tmp_path, pickled))


def test_a_file_without_a_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text("x = 1\n")
    with pytest.raises(UserError, match=r"other\.py: expected the file langid/langid\.py"):
        load_langid(path)
