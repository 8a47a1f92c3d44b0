"""The programs that `web_quality` compares: ours with each of its engines, and the peers as their makers call them.

OpenWebMath's extractor is no package: it runs from a checkout of keirp/OpenWebMath whose folder `text_extraction` is
on the path of Python (with `py_asciimath`, `tabulate` and `pyyaml` installed), and with the most probable value of
each of its random settings. lynx, the browser that Nemotron-CC-Math renders pages with (NVIDIA-NeMo/Curator,
tutorials/math), is a program of its own; it writes the whole page as plain text.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.extraction.html.charset import decode
from pipelines.extraction.pages.page import extract

Extractor = Callable[[bytes], str]


def _ours(engine: Any) -> Extractor:
    return lambda data: extract(data, engine=engine).text


def _trafilatura() -> Extractor:
    import trafilatura

    return lambda data: trafilatura.extract(decode(data), include_comments=True) or ""


def _resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda data: str(extract_plain_text(decode(data), main_content=True))


def _lynx() -> Extractor:
    command = ["lynx", "-dump", "-nolist", "-force_html", "-stdin", "-width=1024"]
    command += ["-assume_charset=utf-8", "-display_charset=utf-8", "-cfg=/dev/null"]

    def run(data: bytes) -> str:
        page = decode(data).encode("utf-8", "replace")
        done = subprocess.run(command, input=page, capture_output=True, timeout=60, check=False)
        return done.stdout.decode("utf-8", "replace")

    return run


def _openwebmath() -> Extractor:
    import yaml
    from text_extract import extract as module

    settings = Path(module.__file__).parents[2] / "extract_from_cc/configs/randomized_all.yaml"
    config = _most_probable(yaml.safe_load(settings.read_text()))

    def run(data: bytes) -> str:
        result = module.extract_text(decode(data), config)
        return result[0] if result else ""

    return run


def _most_probable(value: Any) -> Any:
    """A setting that is a list of `[probability, value]` becomes its most probable value."""
    if isinstance(value, dict):
        return {key: _most_probable(inner) for key, inner in value.items()}
    return max(value, key=lambda pair: pair[0])[1] if isinstance(value, list) else value


_MAKERS: dict[str, Callable[[], Extractor]] = {
    "blocks": lambda: _ours("blocks"),
    "with-resiliparse": lambda: _ours("resiliparse"),
    "with-trafilatura": lambda: _ours("trafilatura"),
    "trafilatura": _trafilatura,
    "resiliparse": _resiliparse,
    "lynx": _lynx,
    "openwebmath": _openwebmath,
}


def extractors(names: str) -> dict[str, Extractor]:
    """The programs of a list of names with commas; an unknown name is a `ValueError`."""
    for name in names.split(","):
        if name not in _MAKERS:
            raise ValueError(f"unknown extractor {name!r}, expected some of {', '.join(_MAKERS)}")
    return {name: _MAKERS[name]() for name in names.split(",")}
