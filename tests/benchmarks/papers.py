"""What the published and the corrected rules make of the same LaTeX: documents, text, formulas, speed.

    python -m tests.benchmarks.papers FOLDER

FOLDER holds submissions, monthly tars or `.tex` files (Debian's texlive-science-doc and texlive-publishers-doc are a
few thousand real ones). Seconds are processor time of this process.
"""

import argparse
import collections
import re
import time
from pathlib import Path

from manifests.records import BadRecord, Rules
from pipelines.sources.arxiv import ArxivSource
from pipelines.sources.base import RawFile, Refusal

FORMULA = re.compile(r"\$[^$]{1,2000}\$|\\begin\{(?:equation|align|gather|multline|eqnarray)\*?\}|\\\[|\\\(")


def measure(folder: Path, rules: Rules) -> dict[str, object]:
    """Read every paper below `folder` by the given rules."""
    source = ArxivSource("papers", None, rules)
    reasons: collections.Counter[str] = collections.Counter()
    documents = characters = formulas = raw = 0
    started = time.process_time()
    for path in source.files(folder):
        raw += path.stat().st_size
        for record in source.records(RawFile(path, path.relative_to(folder).as_posix())):
            try:
                outcome = Refusal("unreadable") if isinstance(record, BadRecord) else source.document(record)
            except Exception as error:
                outcome = Refusal(f"failed: {type(error).__name__}")
            if isinstance(outcome, Refusal):
                reasons[outcome.reason] += 1
                continue
            documents += 1
            characters += len(outcome.text)
            formulas += sum(1 for _ in FORMULA.finditer(outcome.text))
    seconds = time.process_time() - started
    return {
        "rules": rules,
        "raw MB": round(raw / 1e6, 1),
        "documents": documents,
        "text M characters": round(characters / 1e6, 2),
        "formulas": formulas,
        "seconds": round(seconds, 1),
        "text MB/s": round(characters / 1e6 / max(seconds, 1e-9), 2),
        "turned away": dict(sorted(reasons.items())),
    }


def main() -> None:
    """Print one line for each set of rules."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="submissions, monthly tars or .tex files")
    folder = parser.parse_args().folder
    for rules in ("published", "corrected"):
        print(", ".join(f"{name}: {value}" for name, value in measure(folder, rules).items()))


if __name__ == "__main__":
    main()
