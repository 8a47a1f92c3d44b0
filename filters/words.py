"""Vocabularies: sets of words, written as one text with spaces between them."""


def words_of(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())
