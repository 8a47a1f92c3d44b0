"""Notebooks as Markdown: the published text byte for byte, and the corrected one."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.notebooks.markdown import to_markdown
from pipelines.extraction.notebooks.reading import BadNotebook


def code(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }


def markdown(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "b", "metadata": {}, "source": source} | more


def raw(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "raw", "id": "c", "metadata": metadata, "source": source}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def result(**data: Any) -> dict[str, Any]:
    kinds = {
        "plain": "text/plain",
        "html": "text/html",
        "latex": "text/latex",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "svg": "image/svg+xml",
    }
    return {
        "output_type": "execute_result",
        "metadata": {},
        "execution_count": 1,
        "data": {kinds.get(k, k): v for k, v in data.items()},
    }


ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mA"]}


def notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)})


def published(*cells: dict[str, Any], **metadata: Any) -> str:
    return to_markdown(notebook(*cells, **metadata), "published")


def corrected(*cells: dict[str, Any], **metadata: Any) -> str:
    return to_markdown(notebook(*cells, **metadata), "corrected")


class TestPublished:
    """Expected texts are what nbconvert 7.6.0 writes."""

    def test_cells(self) -> None:
        assert published() == ""
        assert published(markdown("A"), markdown("B\n\n")) == "A\n\nB\n\n\n"
        assert published(code("x"), code("y\n")) == "```\nx\n```\n\n\n```\ny\n\n```\n"
        assert published(markdown("A"), code("x"), markdown("B")) == "A\n\n\n```\nx\n```\n\nB\n"
        assert published(code("x"), language_info={"name": "python"}) == "```python\nx\n```\n"

    def test_magic_names_the_language(self) -> None:
        assert published(code("%%R\nx"), language_info={"name": "python"}) == "```r\n%%R\nx\n```\n"

    def test_streams_are_indented_and_joined(self) -> None:
        assert published(code("x", stream("a\n"), stream("b\n"))) == "```\nx\n```\n\n    a\n    b\n\n"
        assert published(code("x", stream("a\n"), stream("b\n", "stderr"))) == "```\nx\n```\n\n    a\n\n\n    b\n\n"
        assert published(code("x", stream("  \n\nq\n  "))) == "```\nx\n```\n\n      \n    \n    q\n      \n"

    def test_a_carriage_return_overwrites_the_line(self) -> None:
        assert published(code("x", stream("a\rb\r\nc"))) == "```\nx\n```\n\n    b\r\n    c\n"

    def test_results(self) -> None:
        assert published(code("x", result(plain="1\n2"))) == "```\nx\n```\n\n\n\n\n    1\n    2\n\n\n"
        assert published(code("x", result(latex="$x$"))) == "```\nx\n```\n\n\n\n\n$x$\n\n\n"
        assert published(code("x", result())) == "```\nx\n```\n\n\n\n\n\n"

    def test_html_comes_before_all_other_forms(self) -> None:
        assert published(code("x", result(plain="a", html="  <p>\n  b"))) == "```\nx\n```\n\n\n\n\n<p>\nb\n\n\n"

    def test_a_display_stands_closer_than_a_result(self) -> None:
        shown = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "a"}}
        assert published(code("x", shown), markdown("z")) == "```\nx\n```\n\n\n    a\n\n\nz\n"

    def test_a_png_or_a_traceback_clears_all_outputs_of_its_cell(self) -> None:
        assert published(code("x", stream("kept?"), result(png="aGk="))) == "```\nx\n```\n"
        assert published(code("x", stream("kept?"), ERROR)) == "```\nx\n```\n"

    def test_other_pictures_leave_their_blank_lines(self) -> None:
        assert published(code("x", result(svg="<svg/>"))) == "```\nx\n```\n\n\n\n\n    \n\n    \n\n\n"

    def test_raw_cells_of_markdown_and_html_stay_as_they_are(self) -> None:
        assert published(raw("r"), markdown("B")) == "r\nB\n"
        assert published(raw("r", raw_mimetype="text/html")) == "r"
        assert published(raw("r", raw_mimetype="text/latex")) == ""

    def test_images_videos_scripts_and_frames_go_even_from_code(self) -> None:
        assert published(markdown('a ![b](c "d") e <img src="x"> f')) == "a  e  f\n"
        assert published(code("s = '<script>x</script>'")) == "```\ns = ''\n```\n"
        assert published(markdown("![i](attachment:a.png)", attachments={"a.png": {"image/png": "aGk="}})) == "\n"

    @pytest.mark.parametrize(
        "cell",
        [
            {"cell_type": "other", "metadata": {}, "source": ""},
            markdown("x") | {"metadata": None},
            markdown("x", id="with space"),
            {"cell_type": "code", "id": "a", "metadata": {}, "source": "x", "outputs": []},
            code("x") | {"execution_count": -1},
            code("x", {"output_type": "other"}),
            code("x", stream("x") | {"name": 1}),
            code("x", collapsed="no"),
            code("x", tags=["a", "a"]),
            code("x", result(jpeg="a")),
            markdown("x", attachments={"a": {"image/png": "a"}}),
            markdown("x") | {"source": 1},
            raw("x", format=3),
        ],
    )
    def test_what_the_schema_refuses_is_dropped(self, cell: dict[str, Any]) -> None:
        with pytest.raises(BadNotebook):
            published(cell)

    def test_the_format_of_a_cell_that_is_not_raw_may_be_anything(self) -> None:
        assert published(markdown("m", metadata={"format": 3})) == "m\n"

    def test_an_invalid_output_does_not_matter_in_a_cleared_cell(self) -> None:
        assert published(code("x", {"output_type": "other"}, ERROR)) == "```\nx\n```\n"


class TestCorrected:
    def test_cells_are_one_blank_line_apart(self) -> None:
        assert corrected(markdown("A\n"), code("x"), markdown("B")) == "A\n\n```\nx\n```\n\nB\n"
        assert corrected() == ""

    def test_only_the_picture_and_the_traceback_go(self) -> None:
        assert (
            corrected(code("x", stream("a\n"), result(png="aGk=", plain="<Figure>"), ERROR)) == "```\nx\n```\n\n    a\n"
        )

    def test_latex_comes_first_and_html_never(self) -> None:
        assert corrected(code("x", result(plain="x**2", latex="$x^2$", html="<p>"))) == "```\nx\n```\n\n$x^2$\n"
        assert corrected(code("x", result(plain="x**2", html="<p>"))) == "```\nx\n```\n\n    x**2\n"
        assert corrected(code("x", result(html="<p>"))) == "```\nx\n```\n"

    def test_code_keeps_what_looks_like_an_image(self) -> None:
        assert corrected(code("s = '<script>x</script> ![a](b)'")) == "```\ns = '<script>x</script> ![a](b)'\n```\n"
        assert corrected(markdown("a ![b](c) d")) == "a  d\n"

    def test_a_fence_is_longer_than_any_inside(self) -> None:
        assert corrected(code("'''\n````\n'''")) == "`````\n'''\n````\n'''\n`````\n"

    def test_progress_bars_and_colours_go(self) -> None:
        assert corrected(code("x", stream("10%\r20%\x1b[0m\n"), stream("w", "stderr"))) == "```\nx\n```\n\n    20%\n"
        assert corrected(code("x", stream("\r20%\n"))) == "```\nx\n```\n\n    20%\n"

    def test_reads_notebooks_that_the_schema_refuses(self) -> None:
        assert corrected({"cell_type": "code", "metadata": {}, "source": "x"}) == "```\nx\n```\n"

    def test_the_kernel_names_the_language_where_nothing_else_does(self) -> None:
        assert corrected(code("x"), kernelspec={"language": "julia"}) == "```julia\nx\n```\n"


class TestOlderVersions:
    def test_version_3(self) -> None:
        cells = [
            {"cell_type": "heading", "level": 2, "source": ["Title\n", "more"]},
            {"cell_type": "markdown", "source": ["a\n", "b"]},
            {
                "cell_type": "code",
                "input": ["x\n", "y"],
                "language": "python",
                "prompt_number": 3,
                "collapsed": False,
                "outputs": [
                    {"output_type": "stream", "stream": "stdout", "text": ["p\n"]},
                    {"output_type": "pyout", "prompt_number": 3, "text": ["1"], "metadata": {}},
                ],
            },
        ]
        text = json.dumps(
            {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "n"}, "worksheets": [{"cells": cells}]}
        )
        assert to_markdown(text, "published") == (
            "## Title more\n\na\nb\n\n\n```\nx\ny\n```\n\n    p\n\n\n\n\n\n    1\n\n\n"
        )
        assert to_markdown(text, "corrected") == "## Title more\n\na\nb\n\n```\nx\ny\n```\n\n    p\n\n    1\n"

    def test_version_3_clears_a_picture_under_its_old_name(self) -> None:
        cell = {
            "cell_type": "code",
            "input": "x",
            "outputs": [{"output_type": "display_data", "png": "aGk=", "text": "t"}],
        }
        text = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [cell]}]})
        assert to_markdown(text, "published") == "```\nx\n```\n"

    def test_version_2_joins_lines_with_line_ends(self) -> None:
        cells = [{"cell_type": "code", "input": ["x", "y"], "outputs": [], "language": "python"}]
        text = json.dumps({"nbformat": 2, "metadata": {}, "worksheets": [{"cells": cells}]})
        assert to_markdown(text, "published") == "```\nx\ny\n```\n"

    def test_version_1(self) -> None:
        cells = [{"cell_type": "text", "text": "t"}, {"cell_type": "code", "code": "x"}]
        assert to_markdown(json.dumps({"cells": cells}), "published") == "t\n\n\n```\nx\n```\n"

    def test_version_1_repeats_a_text_for_a_cell_it_does_not_know(self) -> None:
        cells = [{"cell_type": "text", "text": "t"}, {"cell_type": "raw", "source": "r"}]
        assert to_markdown(json.dumps({"cells": cells}), "published") == "t\n\nt\n"
        with pytest.raises(BadNotebook):
            to_markdown(json.dumps({"cells": cells[1:]}), "published")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"nbformat": 5}',
        '{"nbformat": []}',
        '{"nbformat": 4, "cells": []}',
        "[" * 100_000,
        "x = 1",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        '{"nbformat": 3, "metadata": {}}',
    ],
)
def test_what_is_no_notebook_is_said_to_be_bad(text: str) -> None:
    for rules in ("published", "corrected"):
        with pytest.raises(BadNotebook):
            to_markdown(text, rules)  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "code", "stream", "a\r", "![", "aGk="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cell_type", "metadata", "source", "outputs", "output_type", "data", "text", "name", "image/png"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3), JSON, st.integers(0, 5))
def test_nothing_but_bad_notebook_is_ever_raised(cells: list[Any], metadata: Any, version: int) -> None:
    notebook = {"nbformat": version, "nbformat_minor": 4, "metadata": metadata, "cells": cells}
    old = notebook | {"worksheets": [{"cells": cells}]}
    for text in (json.dumps(notebook), json.dumps(old)):
        for rules in ("published", "corrected"):
            with contextlib.suppress(BadNotebook):
                assert isinstance(to_markdown(text, rules), str)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hostile",
    [
        "![" * 500_000,
        "<img" * 250_000,
        "<script>" * 120_000,
        "\r" * 1_000_000,
        "a\r\n" * 300_000,
        "`" * 1_000_000,
        "\x1b[" * 500_000,
        "    \n" * 200_000,
        "![](" * 250_000,
    ],
)
def test_a_megabyte_made_to_slow_the_patterns_takes_no_time(hostile: str) -> None:
    started = time.process_time()
    published(markdown(hostile), code(hostile, stream(hostile), result(html=hostile)))
    corrected(markdown(hostile), code(hostile, stream(hostile), result(plain=hostile)))
    assert time.process_time() - started < 5


class TestFormulasOfResults:
    def shown(self, **data: str) -> str:
        return to_markdown(notebook(code("x", result(**data))), "corrected").split("```\n")[-1].strip()

    def test_latex_beside_a_picture_is_kept(self) -> None:
        assert self.shown(png="iVBORw0KGgo=", latex="$$x^{2}$$", plain=" 2\nx ") == "$$x^{2}$$"

    def test_plain_text_beside_a_picture_is_its_name_only(self) -> None:
        assert "Figure" not in self.shown(png="iVBORw0KGgo=", plain="<Figure size 640x480>")

    def test_a_table_of_formulas_is_kept_and_a_table_of_data_is_not(self) -> None:
        html = "<table><tr><th>n</th><th>f</th></tr><tr><td>1</td><td>$x^2$</td></tr></table>"
        assert self.shown(html=html, plain="n f") == "| n | f |\n| 1 | $x^2$ |"
        assert self.shown(html=html.replace("$", ""), plain="n f") == "n f"


@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_half_a_character_is_a_replacement_character(rules: Any) -> None:
    cells = [markdown("one \ud800 two \U0001d465 three")]
    text = to_markdown(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), rules)
    assert "one \ufffd two \U0001d465 three" in text
