"""Whether notebooks become the Markdown that the original makes of them, byte for byte, and what is kept besides.

The function is taken out of process_stack.py (EleutherAI/math-lm) by its syntax and runs with nbformat 5.9.0 and
nbconvert 7.6.0, which must be importable. A notebook that the original drops counts as equal if `published` drops it.
For `corrected`: how many of the results that hold LaTeX stand in the Markdown, also where a picture stands beside it.

    pip install nbconvert==7.6.0 nbformat==5.9.0
    python -m tests.benchmarks.code_notebooks math-lm/proof_pile_2/algebraic_stack FOLDER
"""

import argparse
import importlib
import json
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from pipelines.extraction.notebooks.markdown import BadNotebook, to_markdown
from tests.benchmarks.code_fidelity import functions


def latex(text: str) -> list[str]:
    """The LaTeX results of a notebook of any version, their lines joined."""
    try:
        notebook: dict[str, Any] = json.loads(text)
        cells = notebook.get("cells") or [cell for sheet in notebook.get("worksheets", ()) for cell in sheet["cells"]]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        found = [output.get("latex") or output.get("data", {}).get("text/latex") for output in outputs]
    except (ValueError, TypeError, AttributeError, KeyError):
        return []
    return ["".join(one) for one in found if one]


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("originals", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    chosen = parser.parse_args()
    space = functions(chosen.originals / "process_stack.py")
    space["nbformat"] = importlib.import_module("nbformat")
    space["MarkdownExporter"] = importlib.import_module("nbconvert.exporters").MarkdownExporter
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for path in sorted(one for folder in chosen.folders for one in folder.rglob("*.ipynb")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        started = time.process_time()
        done = space["process_jupyter_notebook"]({"content": text})
        middle = time.process_time()
        try:
            ours: str | None = to_markdown(text, "published")
        except BadNotebook:
            ours = None
        seconds["original"] += middle - started
        seconds["published"] += time.process_time() - middle
        theirs = done["content"] if done["converted"] else None
        count["notebooks"] += 1
        count["bytes"] += len(text)
        count["dropped by the original"] += theirs is None
        count["published equal"] += ours == theirs
        if ours != theirs:
            print(f"  differs: {path}")
        try:
            kept = to_markdown(text, "corrected")
        except BadNotebook:
            count["dropped by corrected"] += 1
            continue
        results = latex(text)
        count["LaTeX results"] += len(results)
        count["LaTeX results in corrected"] += sum(one.strip() in kept for one in results)
        count["LaTeX results in published"] += sum(one.strip() in (theirs or "") for one in results)
    for what, number in count.items():
        print(f"{what:30} {number:9}")
    for who, spent in seconds.items():
        print(f"{who}: {count['bytes'] / 1e6 / max(spent, 1e-9):.1f} MB/s")


if __name__ == "__main__":
    main()
