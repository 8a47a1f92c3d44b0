"""Which papers a recipe wants, by what arXiv's metadata say of them: category, licence and date.

Licences are the addresses that arXiv's metadata give (`creativecommons.org/licenses/by/4.0`,
`arxiv.org/licenses/nonexclusive-distrib/1.0`); papers from before 2007 may have none.
"""

import fnmatch

from pipelines.sources.arxiv_id import ArxivId
from pipelines.sources.arxiv_metadata import Metadata
from pipelines.sources.arxiv_options import ArxivOptions
from pipelines.sources.base import Refusal


def not_chosen(options: ArxivOptions, identifier: ArxivId | None, known: Metadata | None) -> Refusal | None:
    """Why the recipe does not want a paper of this category, licence or date; None if it does."""
    known = known or Metadata()
    if options.categories:
        if not known.categories:
            return Refusal("category_unknown")
        if not any(_matches(name, options.categories) for name in known.categories):
            return Refusal("other_category", " ".join(known.categories))
    if options.licences:
        if not known.license:
            return Refusal("licence_unknown")
        if not _matches(_without_scheme(known.license), options.licences):
            return Refusal("licence", known.license)
    if options.cutoff is not None:
        date = _date(options, identifier, known)
        if date is None:
            return Refusal("date_unknown")
        if date[: len(options.cutoff)] > options.cutoff:
            return Refusal("after_cutoff", date)
    return None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _without_scheme(address: str) -> str:
    return address.removeprefix("http://").removeprefix("https://").rstrip("/")


def _date(options: ArxivOptions, identifier: ArxivId | None, known: Metadata) -> str | None:
    """The date of the first version, or of the version that was submitted; its month, if no more is known."""
    if options.cutoff_of == "first_version":
        return known.created or (identifier.month if identifier else None)
    number = int(identifier.version[1:] or 0) if identifier else 0
    if number > len(known.versions):
        return None
    if known.versions:
        return known.versions[number - 1]  # without a number it is the last one
    return None
