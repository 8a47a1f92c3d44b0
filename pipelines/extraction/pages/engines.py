"""What can choose the main text of a page: our own rules, or trafilatura and Resiliparse.

The peers see a tree whose formulas are marks.
"""

from typing import Literal, get_args

Engine = Literal["blocks", "resiliparse", "trafilatura"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
DEFAULT_ENGINE: Engine = "blocks"


def main_text(html: str, engine: str, url: str | None = None) -> str:
    """The main text that `engine` ("trafilatura" or "resiliparse") finds in `html`."""
    if engine == "resiliparse":
        from resiliparse.extract.html2text import extract_plain_text

        return str(
            extract_plain_text(html, preserve_formatting=True, main_content=True, alt_texts=False, comments=True)
        )
    import trafilatura

    text = trafilatura.extract(
        html, url=url, output_format="markdown", include_tables=True, include_comments=True, include_formatting=True,
        favor_recall=True, with_metadata=False,
    )  # fmt: skip
    return text or ""
