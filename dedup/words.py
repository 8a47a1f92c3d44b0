"""What a word is when documents are compared: the rule in plain Python, slow and meant to be read.

The kernel in `dedup.shingles` does the same from UTF-8 bytes at hundreds of megabytes a second; tests hold the two
equal. The rule, from left to right:

- a backslash and the ASCII letters after it are one word, kept as written: a LaTeX command. A backslash before
  another backslash takes it along (`\\\\` is a line's end in LaTeX), any other lone backslash separates;
- letters and numbers next to each other are one word, each mapped by the normalisation; marks continue a word;
- a letter of a script written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) is a word by itself, with its
  marks;
- invisible characters inside words are skipped; everything else separates, and so does a byte that is not UTF-8.
"""

import string

from dedup.characters import CLASS_SHIFT, IGNORED, MARK, SEPARATOR, SINGLE, Normalisation, units

_COMMAND = frozenset(string.ascii_letters)


def words(text: str | bytes, normalisation: Normalisation = "lower") -> list[str]:
    """The normalised words of `text` in order. Bytes are taken as UTF-8; what is not UTF-8 separates words."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    table = units(normalisation)
    found: list[str] = []
    word = ""
    single = False
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\\":
            if word:
                found.append(word)
                word = ""
            start = position
            while position < len(text) and text[position] in _COMMAND:
                position += 1
            if position > start:
                found.append("\\" + text[start:position])
            elif text[position : position + 1] == "\\":
                position += 1
            continue
        unit = int(table[ord(character)])
        kind = unit >> CLASS_SHIFT
        if kind == IGNORED:
            continue
        if word and (kind in (SEPARATOR, SINGLE) or (single and kind != MARK)):
            found.append(word)
            word = ""
        if kind == SEPARATOR:
            continue
        if not word:
            single = kind == SINGLE
        word += chr(unit & ((1 << CLASS_SHIFT) - 1))
    if word:
        found.append(word)
    return found


def normalised(text: str | bytes, normalisation: Normalisation = "lower") -> str:
    """The words joined by one space: what two documents must share to be equal after normalisation."""
    return " ".join(words(text, normalisation))
