"""Writes the card of a trained math classifier: what it is, what it learned from, how well it does, how to use it."""

from collections.abc import Mapping, Sequence

from filters.mathscore import WITH_FORMULAS_ABOVE, WITHOUT_FORMULAS_ABOVE
from manifests.settings.training import MathScoreTraining
from pipelines.training.judgement import Scored, calibration_table, kinds_table, known_table, quality_table


def card(
    settings: MathScoreTraining,
    sha256: str,
    size: int,
    pages: Mapping[str, int],
    thresholds: Mapping[str, float],
    held_back: Sequence[Scored],
    works: Sequence[str],
    known: Mapping[str, Sequence[Scored]],
) -> str:
    """The card as Markdown.

    `size` in bytes; `thresholds` holds `with_formulas_above` and `without_formulas_above`; `works` are those that were
    held back whole, if any were.
    """
    low, high = thresholds["with_formulas_above"], thresholds["without_formulas_above"]
    inputs = "\n".join(
        f"- `{item.address}`"
        + (f" (sha256 {item.sha256})" if item.sha256 else "")
        + ("" if item.fraction == 1 else f", {item.fraction:g} of its files")
        + ("" if item.negatives else ", only its pages with LaTeX")
        for item in settings.inputs
    )
    sections = [
        f"# Math score\n\n{settings.description}".rstrip(),
        f"""\
A fastText classifier that tells how likely a text is about mathematics. It learned from pages labelled by the LaTeX
commands they hold, and never sees LaTeX itself (the method of OpenWebMath).

- sha256: `{sha256}`, {size:,} bytes
- rules: {settings.rules}; dimension {settings.dimension}, {settings.epochs} epochs, learning rate
  {settings.learning_rate:g}, words that occur {settings.least_count} times or more, runs of up to
  {settings.word_ngrams} words, {settings.snippets} short runs of words beside each page
- learned from {pages["learned_positive"]:,} pages with LaTeX and {pages["learned_negative"]:,} without, judged on
  {pages["held_back_positive"]:,} and {pages["held_back_negative"]:,} others
- the same pages give the same bytes on machines of one kind (x86-64 with FMA)""",
        f"""\
## Thresholds

Where formulas were found keep a score above **{low:.2f}** (keeps {settings.keep_positive:.1%} of the pages with LaTeX;
OpenWebMath used {WITH_FORMULAS_ABOVE} with its model), elsewhere above **{high:.2f}** (lets
{settings.pass_negative:.1%} of the pages without LaTeX pass; OpenWebMath: {WITHOUT_FORMULAS_ABOVE}).""",
        f"""\
## On pages held back

{_whose(works)}

{quality_table(held_back)}

{kinds_table(held_back, sorted({low, 0.5, high}))}

A page without LaTeX may be about mathematics all the same: precision is a lower bound.""",
        f"## Calibration\n\n{calibration_table(held_back)}",
    ]
    if known:
        table = known_table(known, sorted({low, 0.17, 0.5, 0.8, high}))
        sections.append(f"## On pages whose subject is known\n\nNone of these was learned from.\n\n{table}")
    if settings.limits:
        sections.append(f"## Known limits\n\n{settings.limits.strip()}")
    sections.append(f"## Learned from\n\n{inputs}")
    return "\n\n".join(sections) + "\n"


def _whose(works: Sequence[str]) -> str:
    if not works:
        return "They come from the same works as the pages learned from, so other pages will do worse."
    return f"Nothing was learned from these works: {', '.join(f'`{name}`' for name in works)}."
