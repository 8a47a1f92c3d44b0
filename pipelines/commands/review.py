"""`proofpile review`: say of an audit's hits whether they are true, and learn how far the audit can be trusted."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.commands import arguments as shared

if TYPE_CHECKING:
    from pipelines.report.audit.cards import Card
    from pipelines.report.audit.marks import Judgement, Mark

DESCRIPTION = """\
Show the hits of an audit one after the other, both passages side by side, and ask of each whether the document really
holds the item: t true, f false, u unsure, b back, q quit. They come in an order drawn by a seed, so that those marked
so far are a fair sample: their precision is told with a 95 % interval, and from which probability on it reaches --aim.
Marks are kept in review.jsonl beside the audit, also when it is run again. Keys may also come from a pipe, one a line.
"""
EXAMPLES = """\
  proofpile review audit
  proofpile review audit --listed --benchmark gsm8k
  proofpile review audit --report
"""
KEYS: "dict[str, Mark]" = {"t": "true", "f": "false", "u": "unsure"}


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "review", run, "mark an audit's hits true or false", DESCRIPTION, EXAMPLES)
    parser.add_argument("audit", type=shared.place, metavar="DIR", help="the output of audit, or a corpus")
    parser.add_argument("--listed", action="store_true", help="also hits that the headline does not count")
    parser.add_argument("--benchmark", metavar="NAME", help="only hits of this benchmark")
    parser.add_argument("--kind-of-hit", metavar="KIND", help="only of this kind: whole, part, template, boilerplate")
    parser.add_argument("--again", action="store_true", help="also those that are marked already")
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help="seed of the order (default 0)")
    parser.add_argument("--aim", type=float, default=0.95, metavar="SHARE", help="precision aimed at (default 0.95)")
    parser.add_argument("--report", action="store_true", help="ask nothing, only tell what the marks say")


def run(arguments: argparse.Namespace) -> int:
    """Ask, keep what is answered, and tell what it says."""
    from rich.console import Console

    from manifests.errors import UserError
    from pipelines.report.audit import cards, marks
    from pipelines.report.audit.sums import sums_of
    from pipelines.report.inspect import draw

    if not 0 < arguments.aim <= 1:
        raise UserError(f"--aim {arguments.aim}: expected a share above 0, up to 1")
    root = arguments.audit
    sums_of(root)
    found, _ = cards.cards(root)
    if not arguments.report:
        before = marks.read(root)
        asked = [
            card
            for card in sorted(found, key=lambda card: draw(arguments.seed, card.name()))
            if (arguments.listed or card.best.counted)
            and arguments.benchmark in (None, card.benchmark)
            and arguments.kind_of_hit in (None, card.best.kind)
            and (arguments.again or marks.pair_of(card) not in before)
        ]
        if not asked and not arguments.listed and any(not card.best.counted for card in found):
            print("no hit that counts is left to mark; --listed asks for the others too")
        ask(Console(highlight=False), asked, _keys(), lambda card, mark: marks.add(root, card, mark))
    tell(marks.judge(found, marks.read(root), arguments.aim), found, arguments.aim)
    return 0


def ask(console: Any, asked: "Sequence[Card]", keys: Iterator[str], keep: "Callable[[Card, Mark], None]") -> None:
    """Show one card after the other and keep what the keys say of it, until they end or say `q`."""
    from pipelines.report.audit.terminal import show_card

    position = 0
    while position < len(asked):
        card = asked[position]
        console.rule(f"{position + 1} of {len(asked)}")
        show_card(console, card)
        console.print("[bold]t[/]rue  [bold]f[/]alse  [bold]u[/]nsure  [bold]b[/]ack  [bold]q[/]uit")
        key = next((key for key in keys if key in {*KEYS, "b", "q"}), "q")
        if key == "q":
            return
        if key == "b":
            position = max(0, position - 1)
            continue
        keep(card, KEYS[key])
        position += 1


def tell(judgement: "Judgement", found: "Sequence[Card]", aim: float) -> None:
    """Print what the marks say."""
    total = sum(judgement.marks.values())
    counts = ", ".join(f"{judgement.marks.get(mark, 0)} {mark}" for mark in KEYS.values())
    print(f"{total} of {len(found):,} pairs marked: {counts}")
    if judgement.precision.trials:
        print(f"precision of what is counted: {judgement.precision.said()}, {judgement.precision.trials} marked")
    for kind, one in judgement.by_kind.items():
        print(f"  {kind:<12} {one.hits} of {one.trials} true: {one.said()}")
    if judgement.threshold is not None:
        least, above = judgement.threshold
        left = sum(card.best.probability >= least for card in found)
        print(f"from probability {least:.2f} on: {above.said()} true of {above.trials} marked; {left:,} pairs there")
    elif judgement.by_kind:
        print(f"no probability from which on {aim:.0%} of the marked ones are true")


def _keys() -> Iterator[str]:
    """Keys as they are pressed; without a terminal the first letters of lines."""
    if not sys.stdin.isatty():
        yield from (line.strip()[:1].lower() for line in sys.stdin)
        return
    import termios
    import tty

    place = sys.stdin.fileno()
    while True:
        settings = termios.tcgetattr(place)
        try:
            tty.setcbreak(place)
            key = sys.stdin.read(1)
        finally:
            termios.tcsetattr(place, termios.TCSADRAIN, settings)
        if not key:
            return
        yield key.lower()
