"""The peers as engines: trafilatura and Resiliparse choose the main text of a tree whose formulas are marks."""

from typing import Any

from lxml import etree


def main_text(root: Any, engine: str, url: str | None = None) -> str:
    """The main text that `engine` ("trafilatura" or "resiliparse") finds in `root` (an lxml tree)."""
    html = etree.tostring(root, encoding="unicode", method="html")
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
