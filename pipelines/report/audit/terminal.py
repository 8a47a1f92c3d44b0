"""A hit in a terminal: both passages side by side, what differs marked, as the page has them."""

from typing import Any

from manifests.records import Hit
from pipelines.report.audit.cards import Card, sides
from pipelines.report.audit.passages import Passage, shortened
from pipelines.report.inspect import visible

MOST_CHARACTERS = 2000


def show_card(console: Any, card: Card) -> None:
    """Print a document and the item in it: what is known of its best hit, and both passages."""
    from rich.text import Text

    hit = card.best
    console.print(Text(f"{card.benchmark} {card.item_id} ({hit.field}) in {visible(card.document_id)}", "bold cyan"))
    methods = card.fields[0].methods
    about = f"{hit.kind}, probability {hit.probability:.2f}, {hit.score:.0%} of its words; {methods}; {card.source}"
    console.print(Text(f"  {about}", "dim"))
    show_passages(console, hit)


def show_passages(console: Any, hit: Hit, most: int = MOST_CHARACTERS) -> None:
    """Print both passages of a hit; a line where its texts are hidden."""
    from rich.table import Table
    from rich.text import Text

    if not hit.document_text and not hit.item_text:
        console.print(
            Text("  the texts are hidden, as the benchmark's owners ask; the places above lead to them", "dim")
        )
        return
    document, item = (shortened(side, most) for side in sides(hit))
    table = Table(expand=True, box=None, padding=(0, 1, 0, 0))
    table.add_column("document", ratio=1, overflow="fold")
    table.add_column("item", ratio=1, overflow="fold")
    table.add_row(_side(document), _side(item))
    console.print(table, soft_wrap=False)


def _side(passage: Passage) -> Any:
    from rich.text import Text

    shown = Text()
    shown.append(visible(passage.before), style="dim")
    for text, differs in passage.pieces:
        shown.append(visible(text), style="bold red" if differs else "yellow")
    shown.append(visible(passage.after), style="dim")
    return shown
