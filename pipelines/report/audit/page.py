"""The audit's page: what the benchmarks add up to, and one card a document and item, worst first.

The page stands alone (its script filters the cards; without it all are shown) and is made from the overlap table and
the hits, so that the same audit has the same page, byte for byte.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dedup.overlap_summary import EVERY_SOURCE
from manifests.writing import write_text
from pipelines.corpus.folder import DOCUMENTS, SUMMARY_PATH, Corpus
from pipelines.report.audit import marks, published
from pipelines.report.audit.cards import Card, Found, cards, sides
from pipelines.report.audit.passages import Passage, shortened
from pipelines.report.audit.sums import Sums, sums_of
from pipelines.report.intervals import Share, share
from pipelines.report.plots import number
from pipelines.report.report import STYLE, table

Marks = Mapping[marks.Pair, marks.Mark]
NAME = "report.html"
MOST_CARDS = 1000
"""More cards would make a page that no browser likes; all hits are in `hits/`."""
MOST_CHARACTERS = 800
"""Of a matched passage that is shown; the middle of a longer one is left out."""
CONTEXT = 80
HERE = Path(__file__).parent


def write(corpus: Corpus, name: str = NAME) -> Path:
    """Write the page into the folder of an audit; returns its path."""
    path = corpus.root / name
    write_text(path, page(corpus))
    return path


def is_audit(corpus: Corpus) -> bool:
    """Whether a folder is an audit of other people's texts, and no corpus of its own."""
    return (corpus.root / SUMMARY_PATH).is_file() and not (corpus.root / DOCUMENTS).is_dir()


def page(corpus: Corpus) -> str:
    """The whole page."""
    sums = sums_of(corpus.root)
    found, total = cards(corpus.root, MOST_CARDS)
    said = marks.read(corpus.root)
    sections = [
        ("Items found", overview(sums)),
        ("By source", by_source(sums)),
        ("By level", by_level(sums)),
        ("Beside the Llemma paper", beside_the_paper(sums)),
    ]
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections if content)
    folded = [("Every method apart", by_method(sums)), ("The benchmarks as they were read", readings(sums))]
    body += f"<section>{''.join(_folded(title, content) for title, content in folded)}</section>"
    style = STYLE.read_text(encoding="utf-8") + (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>Benchmark overlap – proofpile</title>'
        f"<style>{style}</style></head><body><main><h1>Benchmark overlap</h1>"
        f"{tiles(sums, total)}{reviewed(found, said)}{body}{filters(found)}{groups(found, total, said)}</main>"
        f"<script>{script}</script></body></html>\n"
    )


def tiles(sums: Sums, total: int) -> str:
    """The few numbers that matter most."""
    counted = [row for row in sums.rows if row.source == EVERY_SOURCE and row.method == "counted"]
    numbers = [
        ("documents read", number(sums.documents)),
        ("items hit", number(sums.items_hit)),
        ("documents hit", number(sums.documents_hit)),
        ("benchmarks", number(len({row.benchmark for row in counted}))),
        ("pairs listed", number(total)),
    ]
    return (
        '<div class="tiles">'
        + "".join(f"<div><b>{value}</b><span>{name}</span></div>" for name, value in numbers)
        + "</div><p class='note'>Items and documents count where a hit is probable enough (<code>counted</code>); "
        "the rest is listed below. Shuffled words and translations are not looked for.</p>"
    )


def reviewed(found: Sequence[Card], said: Marks) -> str:
    """What the marks of reviewers say; nothing where there are none."""
    judgement = marks.judge(found, said)
    if not judgement.precision.trials:
        return ""
    told = f"{judgement.precision.trials} counted pairs were reviewed; {judgement.precision.said()} of them are true"
    return f"<p class='note'>{told}.</p>"


def together(one: Share) -> str:
    """A share that is not broken over lines."""
    return one.said().replace(" ", "\u00a0")


def overview(sums: Sums) -> str:
    """Items hit of each field of each benchmark, with intervals; fields without a hit are folded into a line."""
    rows, clean = [], []
    for row in sums.rows:
        if row.source != EVERY_SOURCE or row.method != "counted":
            continue
        seen = share(row.items_hit, row.items - row.unseen)
        if row.items_hit == 0:
            bound = f" (at most {100 * seen.high:.2g} %)" if seen.trials else ""
            clean.append(f"{row.benchmark} {row.field}: 0 of {number(seen.trials)}{bound}")
            continue
        rows.append(
            (
                row.benchmark,
                row.field,
                number(row.items),
                number(row.items_hit),
                together(seen),
                number(row.documents_hit),
                number(row.unseen),
            )
        )
    head = ("benchmark", "field", "items", "hit", "share of those visible", "documents", "cannot be seen")
    note = (
        "<p class='note'>Shares with 95 % intervals (Wilson). An item cannot be seen where it has fewer words than are "
        "looked for whole, or words that say too little to tell it from other texts.</p>"
    )
    return table(head, rows) + _listed("Nothing found", clean) + note


def by_source(sums: Sums) -> str:
    """Items hit by source, where there are several."""
    sources = {row.source for row in sums.rows} - {EVERY_SOURCE}
    if len(sources) < 2:
        return ""
    rows = [
        (row.source, row.benchmark, row.field, number(row.items_hit), number(row.documents_hit))
        for row in sums.rows
        if row.source != EVERY_SOURCE and row.method == "counted" and row.items_hit
    ]
    without = sorted(sources - {row[0] for row in rows})
    return table(("source", "benchmark", "field", "items hit", "documents"), rows) + _listed("Nothing found", without)


def by_level(sums: Sums) -> str:
    """Items hit by their level, with intervals."""
    rows = [
        (
            one.benchmark,
            one.field,
            one.level,
            number(one.items),
            number(one.items_hit),
            together(share(one.items_hit, one.items)),
        )
        for one in sums.levels
    ]
    return table(("benchmark", "field", "level", "items", "hit", "share"), rows)


def beside_the_paper(sums: Sums) -> str:
    """The figures that the Llemma paper has for the same sources, where the audit asked the same."""
    rows = [
        (*names, number(paper.items), number(ours.items), number(paper.documents), number(ours.documents))
        for *names, paper, ours in published.beside(sums.rows)
    ]
    head = ("source", "benchmark", "field", "items, paper", "items, here", "documents, paper", "documents, here")
    return table(head, rows)


def by_method(sums: Sums) -> str:
    """Every method apart; rows without a hit are folded away."""
    rows = [row for row in sums.rows if row.source == EVERY_SOURCE]
    head = ("benchmark", "field", "method", "n", "items", "too short", "cannot be seen", "hit", "documents")

    def cells(row: Sequence[object]) -> tuple[str, ...]:
        return tuple(number(value) if isinstance(value, int) else str(value) for value in row)

    made = [
        (row.items_hit, cells((row.benchmark, row.field, row.method, row.n or "–", row.items, row.short, row.unseen,
                               row.items_hit, row.documents_hit)))
        for row in rows
    ]  # fmt: skip
    zeros = [one for hit, one in made if not hit]
    folded = f"<details><summary>{len(zeros)} rows of zeros</summary>{table(head, zeros)}</details>" if zeros else ""
    return table(head, [one for hit, one in made if hit]) + folded


def readings(sums: Sums) -> str:
    """Which columns of each benchmark were read, and which were not."""
    rows = [
        (
            one["title"],
            number(one["items"]),
            "; ".join(f"{field} from {' and '.join(columns)}" for field, columns in one["columns"].items()),
            one["id"],
            ", ".join(one["unread"]) or "–",
            one["licence"],
            "; ".join(one["notes"]) or "–",
        )
        for one in sums.benchmarks
    ]
    return table(("benchmark", "items", "fields", "ids", "columns not read", "licence", "notes"), rows)


def filters(found: Sequence[Card]) -> str:
    """The choices by which cards are shown."""
    if not found:
        return ""
    fields = [name for card in found for name in _fields(card)]
    kinds = [card.best.kind for card in found]
    return (
        '<form class="filters" hidden>'
        + _choice("benchmark", [card.benchmark for card in found])
        + _choice("source", [card.source for card in found])
        + _choice("kind", kinds)
        + _choice("field", fields)
        + '<label>least probability <span><input type="range" name="least" min="0" max="1" step="0.05" value="0"> '
        '<output>0</output></span></label><span class="note shown"></span></form>'
    )


def groups(found: Sequence[Card], total: int, said: Marks) -> str:
    """The cards, folded by benchmark; those that the headline does not count are folded once more."""
    by_benchmark: dict[str, list[Card]] = {}
    for card in found:
        by_benchmark.setdefault(card.benchmark, []).append(card)
    pieces = []
    for benchmark, members in by_benchmark.items():
        counted = [card for card in members if card.best.counted]
        listed = [card for card in members if not card.best.counted]
        rest = (
            _folded(f"{number(len(listed))} listed and not counted", _cards(listed, said), name="group")
            if listed
            else ""
        )
        title = f"{html.escape(benchmark)}: {number(len(counted))} counted"
        whole = _folded(title, _cards(counted, said) + rest, opened=bool(counted))
        pieces.append(f'<section class="group">{whole}</section>')
    if total > len(found):
        pieces.append(f"<p class='note'>{number(total - len(found))} lesser pairs are in <code>hits/</code> only.</p>")
    return "".join(pieces)


def _folded(title: str, content: str, *, opened: bool = False, name: str = "") -> str:
    marks = (f" class={name}" if name else "") + (" open" if opened else "")
    return f"<details{marks}><summary>{title}</summary>{content}</details>"


def _cards(members: Iterable[Card], said: Marks) -> str:
    return "".join(card_html(card, said.get(marks.pair_of(card))) for card in members)


def card_html(card: Card, mark: str | None = None) -> str:
    """One card; `mark` is what a reviewer said of it."""
    best = card.best
    others = "".join(
        f"<details><summary>also its {html.escape(found.hit.field)}: {_facts(found)}</summary>{_pair(found)}</details>"
        for found in card.fields[1:]
    )
    return (
        f'<article data-b="{_quoted(card.benchmark)}" data-s="{_quoted(card.source)}" data-k="{best.kind}" '
        f'data-p="{best.probability:.4g}" data-f="{_quoted(" ".join(_fields(card)))}">'
        f"<h4>{html.escape(card.item_id)} <span>{best.field} in</span> {html.escape(card.document_id)}</h4>"
        f'<p class="facts"><span class="kind {best.kind}">{best.kind}</span> {_facts(card.fields[0])}'
        f"{f' · reviewed: {mark}' if mark else ''}</p>"
        f"{_pair(card.fields[0])}{others}</article>"
    )


def _fields(card: Card) -> list[str]:
    return [found.hit.field for found in card.fields]


def _facts(found: Found) -> str:
    hit = found.hit
    return (
        f"probability {hit.probability:.2f} · {100 * hit.score:.0f} % of its words · {html.escape(found.methods)} · "
        f"characters {hit.document_start:,}–{hit.document_end:,}"
    )


def _pair(found: Found) -> str:
    if not found.hit.document_text and not found.hit.item_text:
        return "<p class='note'>The texts are hidden, as the benchmark's owners ask.</p>"
    document, item = sides(found.hit)
    return f'<div class="pair"><div><h5>document</h5>{_side(document)}</div><div><h5>item</h5>{_side(item)}</div></div>'


def _side(passage: Passage) -> str:
    shown = shortened(passage, MOST_CHARACTERS)
    words = "".join(f"<b>{html.escape(text)}</b>" if differs else html.escape(text) for text, differs in shown.pieces)
    before, after = html.escape(shown.before[-CONTEXT:]), html.escape(shown.after[:CONTEXT])
    return f"{f'<i>{before}</i>' if before else ''}<mark>{words}</mark>{f'<i>{after}</i>' if after else ''}"


def _choice(name: str, values: Iterable[str]) -> str:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    options = "".join(
        f'<option value="{_quoted(value)}">{html.escape(value)} ({count:,})</option>'
        for value, count in sorted(counts.items())
    )
    return f'<label>{name}<select name="{name}"><option value="">all</option>{options}</select></label>'


def _listed(title: str, entries: Sequence[str]) -> str:
    if not entries:
        return ""
    return f"<details><summary>{title}: {len(entries)}</summary><p>{html.escape('; '.join(entries))}</p></details>"


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
