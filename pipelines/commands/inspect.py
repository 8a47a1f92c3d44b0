"""`proofpile inspect`: look at what is in a corpus, and at what is not and why."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.commands import arguments as shared

if TYPE_CHECKING:
    from pipelines.report.inspect import Places

DESCRIPTION = """\
Show documents, rejections, failures, duplicates, their clusters (the largest first) or hits of a corpus: by id, source,
stage or reason, the first ones or at random with a seed. A text is shown with --text or when it is asked
for by id; a duplicate that is asked for by id, or drawn at random, is shown beside the document that was kept, and a
hit's passage beside the item's, with what differs. --texts says where texts lie that are not in this corpus: the files
that `dedup` or `audit` was run on, or an earlier corpus (--against).
"""
EXAMPLES = """\
  proofpile inspect corpus --random 3 --seed 7 --text
  proofpile inspect corpus rejected --source web --reason prefilter
  proofpile inspect corpus failed
  proofpile inspect corpus duplicates --random 1 --seed 1
  proofpile inspect audit hits --benchmark gsm8k --kind-of-hit template
  proofpile inspect deduplicated duplicates --random 1 --texts their.jsonl.gz --texts corpus
"""

MOST_LINES = 60
"""Lines of two texts that are shown side by side."""
MOST_SHOWN = 2000
"""Characters of one such line."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "inspect", run, "look into a corpus", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a corpus")
    kinds = ("documents", "rejected", "failed", "duplicates", "clusters", "hits", "removed")
    parser.add_argument("kind", nargs="?", choices=kinds, default="documents", help="what to show (default documents)")
    parser.add_argument("--id", metavar="ID", help="the row of this id")
    parser.add_argument("--source", metavar="NAME", help="rows of this source")
    parser.add_argument("--stage", metavar="STAGE", help="rejections or failures of this stage")
    parser.add_argument("--benchmark", metavar="NAME", help="hits of this benchmark")
    parser.add_argument("--kind-of-hit", metavar="KIND", help="hits of this kind: whole, part, template, boilerplate")
    parser.add_argument("--reason", metavar="WORD", help="rejections of this reason")
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many rows (default 10)")
    parser.add_argument("--random", type=int, metavar="N", help="N rows at random")
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help="seed of --random (default 0)")
    parser.add_argument("--text", action="store_true", help="show the text of documents and of rejected records")
    parser.add_argument(
        "--texts", type=Path, action="append", default=[], metavar="PLACE", help="another corpus or a file of texts"
    )
    parser.add_argument("--id-key", metavar="KEY", help="column of the id in --texts (default id)")
    parser.add_argument(
        "--text-key", default="text", metavar="KEY", help="column of the text in --texts (default text)"
    )
    parser.add_argument("--width", type=int, default=2000, metavar="N", help="most characters of a text (default 2000)")


def run(arguments: argparse.Namespace) -> int:
    """Print the chosen rows."""
    from rich.console import Console
    from rich.text import Text

    from manifests.errors import UserError
    from manifests.records import Hit
    from pipelines.corpus.folder import Corpus
    from pipelines.report import inspect
    from pipelines.report.audit.terminal import show_passages

    root = Corpus(arguments.corpus).require().root
    for name in ("count", "random", "width"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise UserError(f"--{name} {value}: expected a whole number from 1")
    choice = inspect.Choice(
        identifier=arguments.id,
        source=arguments.source,
        reason=arguments.reason,
        stage=arguments.stage,
        benchmark=arguments.benchmark,
        hit_kind=arguments.kind_of_hit,
        count=arguments.random or arguments.count,
        seed=arguments.seed if arguments.random else None,
    )
    for place in arguments.texts:
        if not place.exists():
            raise UserError(f"--texts {place}: no such file or folder")
    places = inspect.Places(root, tuple(arguments.texts), arguments.id_key, arguments.text_key)
    console = Console(highlight=False, soft_wrap=True)
    found = inspect.rows(root, arguments.kind, choice)
    for row in found:
        name_of = inspect.visible(str(row.get("id") or row.get("document_id") or row.get("cluster") or "(no id)"))
        console.print(Text(name_of, style="bold cyan"))
        for name, value in inspect.shown({key: row[key] for key in row if key not in inspect.PASSAGES}):
            console.print(Text(f"  {name:<14} ", style="dim") + Text(value))
        if arguments.kind in ("documents", "rejected") and (arguments.text or arguments.id):
            found_text = (
                inspect.require_text(root, row["id"])
                if arguments.kind == "documents"
                else inspect.rejected_text(root, row["id"])
            )
            show_text(console, found_text, arguments.width)
        if arguments.kind == "duplicates" and (arguments.text or arguments.id or arguments.random):
            show_difference(console, places, row)
        if arguments.kind == "hits":
            hit = Hit(**{name: row[name] for name in Hit._fields})
            if not hit.document_text and (arguments.texts or arguments.id or arguments.text):
                # Where the audit keeps no texts, the corpus at hand may show the passage.
                hit = inspect.with_passage(hit, places)
            show_passages(console, hit, arguments.width)
        console.print()
    if not found:
        inspect.require_known(root, arguments.kind, choice)
        console.print(f"{root}: no {arguments.kind} match")
    return 0


def show_text(console: Any, text: str | None, width: int) -> None:
    """Print the beginning of a text, or that it was not kept."""
    from rich.text import Text

    from pipelines.report import inspect

    if text is None:
        words = "its text was not kept; limits.rejected_texts says of how many a unit and reason it is"
        console.print(Text(f"  {words}", style="dim"))
        return
    console.print(Text(inspect.visible(text[:width])))
    if len(text) > width:
        console.print(Text(f"  … {len(text) - width:,} more characters (--width)", style="dim"))


def show_difference(console: Any, places: "Places", row: Any) -> None:
    """Print a duplicate beside the document that was kept, where they differ."""
    from rich.table import Table
    from rich.text import Text

    from pipelines.report import inspect

    kept, text = (places.text(row[name]) for name in ("kept_id", "id"))
    if kept is None or text is None:
        name = inspect.visible(row["kept_id"] if kept is None else row["id"])
        console.print(Text(f"  the text of {name} is not here; say with --texts where it lies", style="dim"))
        return
    if kept == text:
        console.print(Text("  the two texts are equal", style="dim"))
        return

    def cell(pieces: inspect.Pieces | None, style: str) -> Text:
        shown = Text()
        for part, differs in pieces or ():
            shown.append(inspect.visible(part), style=style if differs else "")
        shown.truncate(MOST_SHOWN, overflow="ellipsis")
        return shown

    table = Table(expand=True, box=None, padding=(0, 1, 0, 0))
    table.add_column("kept document", ratio=1, overflow="fold")
    table.add_column("this duplicate", ratio=1, overflow="fold")
    for number, line in enumerate(inspect.beside(kept, text)):
        if number == MOST_LINES or line == (None, None):
            table.add_row("…", "…", style="cyan")
        else:
            table.add_row(cell(line.left, "bold red"), cell(line.right, "bold green"))
        if number == MOST_LINES:
            break
    if not table.row_count:
        # Only the ends of lines differ, or what lies behind the lines that are compared.
        console.print(Text(f"  the first {inspect.MOST_COMPARED:,} lines are equal", style="dim"))
        return
    console.print(table, soft_wrap=False)
