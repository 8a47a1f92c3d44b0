"""Reads the texts that a model is trained on, whatever file they lie in.

Documents of a corpus (Parquet, JSON lines) come as they are. Web archives and saved pages go through the `web` source
without its prefilter, so that training sees the text that scoring will see. Plain text, Markdown, reStructuredText
and notebooks are read because package indexes hold many pages of mathematics in these forms.
"""

import ast
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.rows import column_names, having, read_rows
from pipelines.sources.base import RawFile, Record
from pipelines.sources.web import ARCHIVE_ENDS, PAGE_ENDS, WebOptions, WebSource

DOCUMENT_ENDS = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".json.gz", ".ndjson")
TEXT_ENDS = (".txt", ".md", ".markdown", ".rst", ".tex")
NOTEBOOK_ENDS = (".ipynb",)
LINE_ENDS = (".cor",)
"""One text a line."""
PYTHON_ENDS = (".py",)
READABLE = (*DOCUMENT_ENDS, *ARCHIVE_ENDS, *PAGE_ENDS, *TEXT_ENDS, *NOTEBOOK_ENDS, *LINE_ENDS, *PYTHON_ENDS)

KINDS = "documents (.parquet, .jsonl), web archives (.warc, .arc, .wet, .wacz), pages (.html), texts (.txt, .md, .rst, "
KINDS += ".tex), notebooks (.ipynb) or Python (.py), packed or not"
"""What `READABLE` means, for people."""

LARGEST_TEXT = 4 << 20
"""Bytes of a plain text file that are read."""

_MATH_ROLE = re.compile(r":math:`([^`]{0,2000})`")
_ROLE = re.compile(r":[A-Za-z][\w:+.-]{0,40}:`([^`<]{0,400})(?:<[^`]{0,400})?`")
_DIRECTIVE = re.compile(r"^[ \t]{0,40}\.\. ?(?:[\w:-]{1,60}::|_[^\n]{0,200}:|\|)[^\n]{0,400}$", re.MULTILINE)
_MATH_DIRECTIVE = re.compile(r"^([ \t]{0,40})\.\. math::([^\n]{0,400})\n", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]{0,40}:[A-Za-z][\w -]{0,40}:", re.MULTILINE)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_RULE = re.compile(r"^[ \t]{0,8}([=~^\"'`#*+.:_-])\1{2,200}[ \t]{0,8}$", re.MULTILINE)


class Page(NamedTuple):
    """A text to learn from. `name` tells where it came from and need not be unique; `work` is its site, if known.

    `kind` is one of `web`, `text`, `notebook`, `lines`, `code` and `documents`.
    """

    name: str
    text: str
    work: str = ""
    kind: str = ""


def readable(folder: Path) -> list[Path]:
    """The files below `folder` that can be read, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name.lower().endswith(READABLE))


def read_pages(path: Path, name: str) -> Iterator[Page]:
    """Yield the texts in `path`, which is called `name` on every machine. What cannot be read is passed over.

    Raises UserError for a kind of file that is not known.
    """
    lower = path.name.lower()
    kind = next((kind for kind, ends in _KIND_ENDS.items() if lower.endswith(ends)), "documents")
    yield from (page._replace(kind=kind) for page in _pages_of(path, name, lower))


_KIND_ENDS = {
    "web": (*ARCHIVE_ENDS, *PAGE_ENDS),
    "text": TEXT_ENDS,
    "notebook": NOTEBOOK_ENDS,
    "lines": LINE_ENDS,
    "code": PYTHON_ENDS,
}


def _pages_of(path: Path, name: str, lower: str) -> Iterator[Page]:
    if lower.endswith((*ARCHIVE_ENDS, *PAGE_ENDS)):
        yield from _web(path, name)
    elif lower.endswith(TEXT_ENDS):
        yield Page(name, _text(lower, _plain(path)))
    elif lower.endswith(NOTEBOOK_ENDS):
        yield from _notebook(path, name)
    elif lower.endswith(LINE_ENDS):
        for line in _plain(path).splitlines():
            yield Page(name, line)
    elif lower.endswith(PYTHON_ENDS):
        for text in _documentation(_plain(path)):
            yield Page(name, _without_markup(text))
    elif lower.endswith(DOCUMENT_ENDS):
        yield from _documents(path, name)
    else:
        raise UserError(f"{path}: cannot learn from this kind of file; expected {KINDS}")


def _web(path: Path, name: str) -> Iterator[Page]:
    source = WebSource("web", WebOptions(prefilter="off", banned_addresses=False, record_types=_PAGES))
    for record in source.records(RawFile(path, name)):
        if isinstance(record, Record) and (text := _web_text(source, record)):
            head = record.info.get("head")
            yield Page(f"{name}:{record.key}", text, _site(head.url if head else ""))


def _documents(path: Path, name: str) -> Iterator[Page]:
    present = column_names(path)
    wanted = None if present is None else [column for column in ("id", "text", "url") if column in present]
    for number, row in enumerate(having(path, read_rows(path, wanted), "text", "text")):
        if not isinstance(row, BadRecord) and isinstance(text := row.get("text"), str):
            url = row.get("url")
            yield Page(f"{name}:{row.get('id') or number}", text, _site(url if isinstance(url, str) else ""))


def _site(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # an address that is no address
        return ""


_PAGES: Sequence[str] = ("response", "resource", "conversion")


def _web_text(source: WebSource, record: Record) -> str:
    try:
        document = source.document(record)
    except Exception:  # a hostile page costs itself, as everywhere
        return ""
    return getattr(document, "text", "")


def _plain(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(LARGEST_TEXT).decode("utf-8", "replace")


def _text(name: str, text: str) -> str:
    if name.endswith((".rst", ".txt")):
        return _without_markup(text)
    if name.endswith(".tex"):
        # The preamble says how, not what: its words would be taken for prose.
        return _COMMENT.sub("", text.partition(r"\begin{document}")[2] or text)
    return text


def _notebook(path: Path, name: str) -> Iterator[Page]:
    try:
        cells = json.loads(_plain(path))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    yield Page(name, "\n\n".join(texts))


def _documentation(code: str) -> Iterator[str]:
    """The documentation of a Python module and of everything defined in it; the code is parsed, never run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield ast.get_docstring(node) or ""
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return


def _without_markup(text: str) -> str:
    """reStructuredText with its formulas in dollar signs, and without the marks that only this format has.

    The marks would tell the classifier which pages came from the same tool as the formulas did.
    """
    text = _MATH_ROLE.sub(r" $\1$ ", text)
    text = _math_blocks(text)
    text = _DIRECTIVE.sub("", text)
    text = _ROLE.sub(r"\1", text)
    return _RULE.sub("", _FIELD.sub("", text))


def _math_blocks(text: str) -> str:
    pieces = []
    position = 0
    for match in _MATH_DIRECTIVE.finditer(text):
        if match.start() < position:
            continue
        end = _block_end(text, match.end(), len(match[1]))
        formula = " ".join(f"{match[2]} {text[match.end() : end]}".split())
        pieces += [text[position : match.start()], f"\n$${formula}$$\n"]
        position = end
    return "".join(pieces) + text[position:]


def _block_end(text: str, start: int, indent: int) -> int:
    """Where the lines indented by more than `indent` that begin at `start` end."""
    end = start
    while end < len(text):
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end + 1
        line = text[end:line_end]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end = line_end
    return end
