"""From bytes to text: UTF-8, or what the file itself declares."""

import pytest

from filters.code.encoding import decoded


def test_utf8_is_read_under_both_rules() -> None:
    assert decoded("é π".encode(), "published") == decoded("é π".encode(), "corrected") == "é π"


@pytest.mark.parametrize(
    "raw",
    [
        "# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1"),
        "% !TEX encoding = IsoLatin\né".encode("latin-1"),
        "\\usepackage[latin1]{inputenc} é".encode("latin-1"),
        "# vim: set fileencoding=cp1252 :\n“é”".encode("cp1252"),
        "text é".encode("utf-16"),
    ],
)
def test_corrected_reads_what_the_file_declares_and_published_skips_it(raw: bytes) -> None:
    assert decoded(raw, "published") is None
    assert "é" in (decoded(raw, "corrected") or "")


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00\xd8", b"caf\xe9", b"# coding: rot13\n\xe9", b"# coding: utf-8\n\xe9"])
def test_nothing_is_guessed(raw: bytes) -> None:
    assert decoded(raw, "corrected") is None
