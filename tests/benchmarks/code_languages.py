"""What the rules make of source trees, a row a language: files, kept, rejected by reason, bytes and tokens kept.

Every file below the folders that may be in one of the seventeen languages is read as a source of kind `code` reads
it, theorems of tests and licences aside; copies count once. A file that turns out to be in none of the languages is a
row of its own.

    python -m tests.benchmarks.code_languages FOLDER… --tokenizer tokenizer.model
"""

import argparse
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

from filters.code.detection import ending, language_of, possible
from filters.code.general import PublishedCrash, Refused, SourceFile
from filters.code.registry import judge
from pipelines.extraction.notebooks.markdown import BadNotebook, to_markdown
from pipelines.shards.tokenizer import load_tokenizer


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rules", choices=("published", "corrected"), default="corrected")
    parser.add_argument("--tokenizer", type=Path)
    chosen = parser.parse_args()
    tokenizer = load_tokenizer(chosen.tokenizer) if chosen.tokenizer else None
    count: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seen: set[bytes] = set()
    for folder in chosen.folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if not possible(name) or path.is_symlink() or not path.is_file():
                continue
            raw = path.read_bytes()
            digest = hashlib.sha256(raw).digest()
            if digest in seen:
                continue
            seen.add(digest)
            text = raw.decode("utf-8", "replace")
            language = language_of(name, text, chosen.rules) or "none of them"
            count[language]["files"] += 1
            count[language]["read"] += len(raw)
            try:
                file = SourceFile(text, name, folder.name, ending(name), len(raw))
                refused = (
                    Refused("other_language")
                    if language == "none of them"
                    else judge(language, file, chosen.rules, "github", lambda _: True)
                )
                kept = to_markdown(text, chosen.rules) if language == "jupyter-notebook" and not refused else text
            except PublishedCrash:
                refused = Refused("published_crash")
            except BadNotebook:
                refused = Refused("bad_notebook")
            if refused:
                reasons[language][refused.reason] += 1
                continue
            count[language]["kept"] += 1
            count[language]["bytes"] += len(kept.encode())
            count[language]["tokens"] += len(tokenizer.encode([kept])[0]) if tokenizer else 0
    print("language           files    MB   kept     MB  thousand tokens  rejected")
    for language, numbers in sorted(count.items()):
        told = ", ".join(f"{reason} {number}" for reason, number in reasons[language].most_common())
        print(
            f"{language:17} {numbers['files']:6} {numbers['read'] / 1e6:5.1f} {numbers['kept']:6} "
            f"{numbers['bytes'] / 1e6:6.1f} {numbers['tokens'] / 1e3:16.0f}  {told}"
        )


if __name__ == "__main__":
    main()
