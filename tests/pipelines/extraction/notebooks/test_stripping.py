"""Images and embedded pages are found exactly where the published patterns find them, in linear time."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.extraction.notebooks.stripping import without_image_tags, without_markdown_images, without_tagged_html

# The published patterns, which take quadratic time on hostile text.
IMAGE = re.compile(r"!\[[^\]]*\]\((?P<filename>.*?)(?=\"|\))(?P<optionalpart>\".*\")?\)")
TAG = re.compile(r"<img[^>]*>")
OTHER = re.compile(r"<video.*?</video>|<script.*?</script>|<iframe.*?</iframe>", re.DOTALL)


@settings(max_examples=500)
@given(st.text(alphabet='![](")\na', max_size=40))
@example('![](")')
@example('![a](b"c")d")e)')
@example("![a](b ![c\n d](e)")
@example('![](x")![](")")')
@example("![![](a)")
def test_markdown_images(text: str) -> None:
    assert without_markdown_images(text) == IMAGE.sub("", text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["![", "](", ")", '"', '")', "\n", "]", "(", "x"]), max_size=30).map("".join))
def test_markdown_images_from_their_pieces(text: str) -> None:
    assert without_markdown_images(text) == IMAGE.sub("", text)


@given(st.lists(st.sampled_from(["<img", ">", "<", "x", "\n"]), max_size=20).map("".join))
def test_image_tags(text: str) -> None:
    assert without_image_tags(text) == TAG.sub("", text)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["<video", "</video>", "<script>", "</script>", "<iframe", "</iframe>", "x", "\n"]), max_size=20
    ).map("".join)
)
def test_videos_scripts_and_frames(text: str) -> None:
    assert without_tagged_html(text) == OTHER.sub("", text)


@pytest.mark.parametrize(
    "text",
    [
        "![" * 500_000,
        "![](" * 250_000,
        "![]" * 330_000,
        '![]("a)' * 140_000,
        '![]("' * 200_000,
        "<img" * 250_000,
        "<video" * 160_000,
        "<script><video><iframe>" * 40_000,
        "![" * 300_000 + "]" * 300_000,
        "![](\n" * 200_000,
    ],
)
def test_a_megabyte_of_openings_takes_no_time(text: str) -> None:
    started = time.process_time()
    without_markdown_images(text)
    without_image_tags(text)
    without_tagged_html(text)
    assert time.process_time() - started < 3
