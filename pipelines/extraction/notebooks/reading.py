"""Reads Jupyter notebooks of every version (1 to 4) into plain cells, for `pipelines.extraction.notebooks.markdown`.

Source of the rules: the public notebook format (nbformat's documentation and its JSON schemas v4.0 to v4.5) and, for
what `published` accepts, the behaviour of nbformat 5.9.0 as process_stack.py calls it. The exporter that follows there
validates with `additionalProperties` switched off, and a notebook that fails is dropped from the corpus; `check` makes
the same decision.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]


class BadNotebook(ValueError):
    """The text is no notebook that can be read; one line says why."""


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a character, which UTF-8 cannot write where it stands alone."""
_CELL_ID = re.compile(r"[a-zA-Z0-9\-_]{1,64}\Z")
_OLD_LINES = ("text", "html", "svg", "latex", "javascript", "json")
_MIME = {
    "text": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
}


def read(text: str) -> Json:
    """The notebook in the form of version 4, with split lines joined.

    Raises `BadNotebook` for what is not JSON, of an unknown version, or lacks what its version needs to be read.
    """
    try:
        notebook = json.loads(text)
        if _HALF.search(text):
            written = json.dumps(notebook, ensure_ascii=False).encode("utf-16", "surrogatepass")
            notebook = json.loads(written.decode("utf-16", "replace"))
        version = notebook.get("nbformat", 1)
        if version == 4:
            _join_version_4(notebook)
            return dict(notebook)
        if version == 3:
            return _from_version_3(notebook, "")
        if version == 2:
            return _from_version_3(notebook, "\n")
        if version == 1:
            return _from_version_1(notebook)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise BadNotebook(f"{type(error).__name__}: {str(error)[:120]}") from None
    raise BadNotebook(f"notebook format {str(version)[:20]!r}")


def _join_version_4(notebook: Json) -> None:
    for transient in ("orig_nbformat", "orig_nbformat_minor", "signature"):
        notebook["metadata"].pop(transient, None)
    for cell in notebook["cells"]:
        if isinstance(cell.get("source"), list):
            cell["source"] = "".join(cell["source"])
        for attachment in cell.get("attachments", {}).values():
            _join_bundle(attachment)
        cell["metadata"].pop("trusted", None)
        if cell.get("cell_type") == "code":
            for output in cell.get("outputs", []):
                kind = output.get("output_type", "")
                if kind in ("execute_result", "display_data"):
                    _join_bundle(output.get("data", {}))
                elif kind and isinstance(output.get("text"), list):
                    output["text"] = "".join(output["text"])


def _join_bundle(bundle: Json) -> None:
    for kind, value in bundle.items():
        is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
        if not is_json and isinstance(value, list) and all(isinstance(line, str) for line in value):
            bundle[kind] = "".join(value)


def _from_version_1(notebook: Json) -> Json:
    """Version 1 had one list of cells, of code or text."""
    cells: list[Json] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            code = cell.get("code")
            cells.append({"cell_type": "code", "input": "" if code is None else str(code), "outputs": []})
        elif cell["cell_type"] == "text":
            text = cell.get("text")
            cells.append({"cell_type": "markdown"} | ({} if text is None else {"source": str(text)}))
        else:
            cells.append(cells[-1])  # nbformat takes the cell before it once more
    return _from_version_3({"metadata": {}, "worksheets": [{"cells": cells}]}, "\n")


def _from_version_3(notebook: Json, separator: str) -> Json:
    """Versions 2 and 3: worksheets of cells, headings apart, results spread over the output.

    Lists of lines are joined with `separator`; an empty one means version 3, where the first line tells whether the
    lines kept their ends.
    """
    notebook["metadata"].pop("name", None)
    cells: list[Json] = []
    for sheet in notebook["worksheets"]:
        for cell in sheet["cells"]:
            cell.setdefault("metadata", {})
            is_code = cell["cell_type"] == "code"
            _join_old(cell, ("input",) if is_code else ("source", "rendered"), separator)
            if is_code:
                if "collapsed" in cell:
                    cell["metadata"]["collapsed"] = cell.pop("collapsed")
                cell["source"] = cell.pop("input", "")
                cell["execution_count"] = cell.pop("prompt_number", None)
                cell["outputs"] = [_upgraded(output, separator) for output in cell["outputs"]]
            elif cell["cell_type"] == "heading":
                cell["cell_type"] = "markdown"
                cell["source"] = "#" * cell.pop("level", 1) + " " + " ".join(cell.get("source", "").splitlines())
            elif cell["cell_type"] == "html":
                cell["cell_type"] = "markdown"
            cell.pop("id", None)
            cells.append(cell)
    return {"metadata": notebook["metadata"], "nbformat": 4, "nbformat_minor": 5, "cells": cells}


def _join_old(item: Json, keys: Iterable[str], separator: str) -> None:
    for key in keys:
        lines = item.get(key)
        if isinstance(lines, list):
            with_ends = not separator and bool(lines) and lines[0].endswith(("\n", "\r"))
            item[key] = ("" if with_ends else "\n").join(lines)


def _upgraded(output: Json, separator: str) -> Json:
    """An output of version 2 or 3 as version 4 writes it."""
    _join_old(output, _OLD_LINES, separator)
    kind = output["output_type"]
    if kind in ("pyout", "display_data"):
        upgraded: Json = {"output_type": "execute_result" if kind == "pyout" else kind}
        upgraded["metadata"] = output.pop("metadata", {})
        if kind == "pyout":
            upgraded["execution_count"] = output.pop("prompt_number", None)
        data = {
            _MIME.get(key, key): value for key, value in output.items() if key not in ("output_type", "execution_count")
        }
        if "application/json" in data:
            data["application/json"] = json.loads(data["application/json"])
        upgraded["data"] = data
        return upgraded
    if kind == "pyerr":
        output["output_type"] = "error"
    elif kind == "stream":
        output["name"] = output.pop("stream", "stdout")
    return output


def check(notebook: Json) -> None:
    """Raises `BadNotebook` where the published program drops the notebook as invalid.

    Source: nbformat's schemas v4.0 to v4.5 without `additionalProperties`.
    """
    try:
        minor = notebook["nbformat_minor"]
        _need(_is_int(minor, 0), "nbformat_minor")
        _check_metadata(notebook["metadata"], minor)
        _need(isinstance(notebook["cells"], list), "cells")
        for cell in notebook["cells"]:
            _check_cell(cell, minor)
    except KeyError as error:
        raise BadNotebook(f"{error} is missing") from None


def _need(truth: bool, what: str) -> None:
    if not truth:
        raise BadNotebook(f"invalid {what}")


def _is_int(value: object, minimum: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= minimum


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _optional(item: Mapping[str, Any], key: str, test: Callable[[Any], bool]) -> None:
    if key in item:
        _need(test(item[key]), key)


def _string(value: object) -> bool:
    return isinstance(value, str)


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _check_metadata(metadata: Any, minor: int) -> None:
    _need(_object(metadata), "metadata")
    for key, required in (("kernelspec", ("name", "display_name")), ("language_info", ("name",))):
        if key in metadata:
            _need(_object(metadata[key]) and all(_string(metadata[key][name]) for name in required), key)
    language = metadata.get("language_info", {})
    _optional(language, "codemirror_mode", lambda mode: isinstance(mode, str | dict))
    for key in ("file_extension", "mimetype", "pygments_lexer"):
        _optional(language, key, _string)
    if minor >= 2:
        _optional(metadata, "title", _string)
        _optional(metadata, "authors", lambda authors: isinstance(authors, list))


def _check_cell(cell: Any, minor: int) -> None:
    kind = cell["cell_type"]
    _need(kind in ("raw", "markdown", "code"), "cell_type")
    metadata = cell["metadata"]
    _need(_object(metadata), "cell metadata")
    _need(_is_text(cell["source"]), "source")
    if minor >= 5:
        _optional(cell, "id", lambda name: isinstance(name, str) and _CELL_ID.match(name) is not None)
    _optional(metadata, "name", lambda name: isinstance(name, str) and re.match(".", name) is not None)
    _optional(metadata, "tags", _are_tags)
    if minor >= 3:
        _optional(metadata, "jupyter", _object)
    if kind == "raw":
        _optional(metadata, "format", _string)
    if kind != "code":
        _optional(cell, "attachments", lambda files: isinstance(files, dict) and all(map(_object, files.values())))
        return
    if minor >= 4:
        _optional(metadata, "execution", lambda times: isinstance(times, dict) and all(map(_string, times.values())))
    _optional(metadata, "collapsed", lambda value: isinstance(value, bool))
    _optional(metadata, "scrolled", lambda value: value in (True, False, "auto"))
    _check_count(cell)
    _need(isinstance(cell["outputs"], list), "outputs")
    for output in cell["outputs"]:
        _check_output(output)


def _are_tags(tags: object) -> bool:
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag and "," not in tag for tag in tags):
        return False
    return len(set(tags)) == len(tags)


def _check_count(item: Mapping[str, Any]) -> None:
    _need(item["execution_count"] is None or _is_int(item["execution_count"], 0), "execution_count")


def _check_output(output: Any) -> None:
    _need(_object(output), "output")
    kind = output["output_type"]
    if kind in ("execute_result", "display_data"):
        _need(_object(output["data"]) and _object(output["metadata"]), kind)
        if kind == "execute_result":
            _check_count(output)
    elif kind == "stream":
        _need(_string(output["name"]) and _is_text(output["text"]), "stream")
    elif kind == "error":
        traceback = output["traceback"]
        _need(_string(output["ename"]) and _string(output["evalue"]), "error")
        _need(isinstance(traceback, list) and all(map(_string, traceback)), "traceback")
    else:
        raise BadNotebook(f"invalid output_type {str(kind)[:30]!r}")
