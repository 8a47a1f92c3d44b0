"""Jupyter notebooks to Markdown, without nbconvert.

Source of the published form: `process_jupyter_notebook` in process_stack.py (EleutherAI/math-lm), which reads with
nbformat 5.9.0, converts with nbconvert 7.6.0's Markdown exporter, and then strips images and some HTML. The layout
below was read off that exporter's output and compared with it byte for byte. Doing it here takes no template engine, no
schema and no HTML library, and the time is linear on any input.

`published` repeats the original, including: an output that shows a traceback or a PNG clears all outputs of its cell;
other outputs stay, in HTML where there is any; a cell's own fences end its code block; and the patterns for `<img>`,
`![…](…)` and `<script>…</script>` go over the whole text, so that they also cut code and formulas that look like them.
`corrected` leaves out single outputs, takes LaTeX, Markdown or plain text of a result (of HTML only tables of formulas,
see `tables`), LaTeX also where a picture of the formula stands beside it, fences code safely,
and strips Markdown cells only, outside of their code.
"""

import binascii
import re
from base64 import b64decode
from textwrap import dedent

from manifests.records import Rules
from pipelines.extraction.notebooks.code_spans import outside_code
from pipelines.extraction.notebooks.reading import BadNotebook, Json, check, read
from pipelines.extraction.notebooks.stripping import without_image_tags, without_markdown_images, without_tagged_html
from pipelines.extraction.notebooks.tables import formula_table

DISPLAY_PRIORITY = (
    "text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain"
)  # fmt: skip
"""The order in which nbconvert's Markdown exporter prefers the forms of one result."""
CORRECTED_PRIORITY = ("text/latex", "text/markdown", "text/plain")
RAW_KINDS = ("text/markdown", "text/html", "")
MAGIC_LANGUAGES = {
    "R": "r", "bash": "bash", "cython": "cython", "javascript": "javascript", "julia": "julia", "latex": "latex",
    "octave": "octave", "perl": "perl", "ruby": "ruby", "sh": "sh", "sql": "sql",
}  # fmt: skip
_IMAGES = {"image/svg+xml": ("svg", ".svg"), "image/png": ("png", ".png"), "image/jpeg": ("jpeg", ".jpg")}
_BINARY = ("image/png", "image/jpeg", "application/pdf")
_MAGIC = re.compile(r"\s*+%%(" + "|".join(MAGIC_LANGUAGES) + r")\s")
_ANSI = re.compile(r"\x1b\[[^@-~\n]*+[@-~]")
_BACKTICKS = re.compile(r"`{3,}")


def to_markdown(text: str, rules: Rules) -> str:
    """The Markdown of the notebook whose JSON is `text`.

    Raises `BadNotebook` where it cannot be read; under `published` also where the published program drops it: invalid
    by the schema of its version, or with a broken attachment or image.
    """
    notebook = read(text)
    try:
        return _published(notebook) if rules == "published" else _corrected(notebook)
    except (TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        if isinstance(error, BadNotebook):
            raise
        raise BadNotebook(f"{type(error).__name__}: {str(error)[:120]}") from None


def _published(notebook: Json) -> str:
    for cell in notebook["cells"]:
        if "outputs" in cell and any(map(_clears_cell, cell["outputs"])):
            cell["outputs"] = []
    check(notebook)
    metadata = notebook["metadata"]
    if "language" in metadata:
        metadata["language"].lower()  # the exporter asks for it, and drops a notebook where it is no string
    language = metadata.get("language_info", {}).get("name", "")
    taken: set[str] = set()
    parts: list[str] = []
    for index, cell in enumerate(notebook["cells"]):
        source = _with_attachments(cell)
        hidden = cell["metadata"].get("transient", {}).get("remove_source", False)
        if cell["cell_type"] == "code":
            if not hidden:
                magic = _MAGIC.match(source)
                parts.append(
                    f"\n\n```{MAGIC_LANGUAGES[magic[1]] if magic else _magic_or(cell, language)}\n{source}\n```\n"
                )
            parts.extend(_published_outputs(cell, index, taken))
        elif not hidden:
            if cell["cell_type"] == "markdown":
                parts.append(f"\n{source}\n")
            elif cell["metadata"].get("raw_mimetype", "").lower() in RAW_KINDS:
                parts.append(source)
    body = "".join(parts).lstrip("\r\n")
    return _without_pictures(body)


def _without_pictures(text: str) -> str:
    return without_tagged_html(without_image_tags(without_markdown_images(text)))


def _magic_or(cell: Json, language: str) -> str:
    return str(cell["metadata"].get("magics_language", language))


def _clears_cell(output: Json) -> bool:
    """`_filter_cell_output`: a PNG that is not empty, or a traceback."""
    has_png = "output_type" in output and "data" in output and "image/png" in output["data"]
    return (has_png and len(output["data"]["image/png"]) > 0) or ("ename" in output and "traceback" in output)


def _with_attachments(cell: Json) -> str:
    """The cell's source, references to its attachments made references to files, as the exporter does.

    Raises where an attachment is no base64, which drops the notebook.
    """
    source: str = cell["source"]
    for name, forms in cell.get("attachments", {}).items():
        for content in list(forms.values())[:1]:
            b64decode(content.encode("utf-8"))
        source = source.replace("attachment:" + name, name)
    return source


def _published_outputs(cell: Json, index: int, taken: set[str]) -> list[str]:
    parts: list[str] = []
    for number, output in enumerate(_joined_streams(cell["outputs"])):
        kind = output["output_type"]
        if kind == "stream":
            parts.append(f"\n{_indented(output['text'])}\n")
            continue
        if kind == "error":
            continue  # cannot be: a traceback has cleared the cell
        data = output["data"]
        if "text/html" in data:
            data["text/html"] = dedent(data["text/html"])
        names = _extracted(output, f"output_{index}_{number}", taken)
        form = next((form for form in DISPLAY_PRIORITY if form in data), None)
        if form in _IMAGES:
            shown = f"\n    \n![{_IMAGES[form][0]}]({names[form]})\n    \n"
        elif form == "text/plain":
            shown = f"\n{_indented(data[form])}\n"
        else:
            shown = f"\n{data[form]}\n" if form else ""
        parts.append(f"\n\n\n{shown}\n\n" if kind == "execute_result" else f"\n{shown}\n")
    return parts


def _extracted(output: Json, stem: str, taken: set[str]) -> dict[str, str]:
    """The file names under which the exporter would write an output's images; raises where it would."""
    names: dict[str, str] = {}
    for form, extension in (*((form, _IMAGES[form][1]) for form in _IMAGES), ("application/pdf", ".pdf")):
        if form not in output["data"]:
            continue
        if form in _BINARY:
            binascii.a2b_base64(output["data"][form])
        name = output["metadata"].get("filename", "") or stem + extension
        name += "" if name.endswith(extension) else extension
        if name in taken:
            raise BadNotebook(f"two outputs named {name[:60]!r}")
        taken.add(name)
        names[form] = name
    return names


def _joined_streams(outputs: list[Json]) -> list[Json]:
    """Neighbouring streams of one name as one, and what a carriage return overwrote taken away."""
    joined: list[Json] = []
    pieces: list[list[str]] = []
    for output in outputs:
        is_stream = output["output_type"] == "stream"
        last = joined[-1] if joined else None
        if is_stream and last and last["output_type"] == "stream" and last["name"] == output["name"]:
            pieces[-1].append(output["text"])
        else:
            joined.append(dict(output))
            pieces.append([output["text"]] if is_stream else [])
    for output, texts in zip(joined, pieces, strict=True):
        if texts:
            output["text"] = _without_overwritten("".join(texts))
    return joined


def _without_overwritten(text: str) -> str:
    """Every line from behind its last carriage return that is not at its end."""
    if "\r" not in text:
        return text
    return "\n".join(line[line.rfind("\r", 0, max(0, len(line) - 1)) + 1 :] for line in text.split("\n"))


def _indented(text: str) -> str:
    """Every line four spaces in, blank ones too, but not an empty last one."""
    lines = ["    " + line for line in text.split("\n")]
    if len(lines) > 1 and lines[-1] == "    ":
        lines[-1] = ""
    return "\n".join(lines)


def _corrected(notebook: Json) -> str:
    metadata = notebook.get("metadata", {})
    language = str(
        metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language") or ""
    )
    blocks: list[str] = []
    for cell in notebook["cells"]:
        source = cell.get("source", "")
        if not isinstance(source, str):
            raise BadNotebook("a cell's source is no text")
        kind = cell.get("cell_type")
        if kind == "code":
            if source.strip():
                magic = _MAGIC.match(source)
                blocks.append(_fenced(source, MAGIC_LANGUAGES[magic[1]] if magic else language))
            blocks.extend(_corrected_outputs(cell.get("outputs", [])))
        elif kind == "markdown" or (kind == "raw" and cell.get("metadata", {}).get("raw_mimetype", "") in RAW_KINDS):
            stripped = outside_code(source, _without_pictures)
            if stripped.strip():
                blocks.append(stripped.strip("\r\n"))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _fenced(source: str, language: str) -> str:
    """A code block whose fence is longer than any inside."""
    longest = max((len(run) for run in _BACKTICKS.findall(source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{source.strip(chr(10))}\n{fence}"


def _corrected_outputs(outputs: list[Json]) -> list[str]:
    """What a reader of the text can use: streams of standard output, and results that are text."""
    shown: list[str] = []
    for output in _joined_streams([output for output in outputs if output.get("output_type")]):
        kind = output["output_type"]
        if kind == "stream" and output.get("name") == "stdout":
            text = _ANSI.sub("", output["text"]).strip("\r\n")
        elif kind in ("execute_result", "display_data"):
            data = output.get("data", {})
            form = next((form for form in CORRECTED_PRIORITY if isinstance(data.get(form), str)), None)
            if form in (None, "text/plain") and (table := formula_table(data.get("text/html"))):
                shown.append(table)
                continue
            if form is None or (form == "text/plain" and any(image.startswith("image/") for image in data)):
                continue  # of a picture the plain form says only `<Figure size …>`; LaTeX says what it shows
            text = _ANSI.sub("", data[form]).strip("\r\n")
            if form != "text/plain":
                shown.append(text)
                continue
        else:
            continue
        if text.strip():
            shown.append(_indented(text))
    return shown
