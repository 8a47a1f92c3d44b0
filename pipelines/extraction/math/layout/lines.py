r"""Reads what HeVeA and TtH write in a line, by the page that says which of them made it.

TtH writes `[(a+b)/c]` for a fraction, `√{x}` and a raised index before it for a root; brackets that it did not make
hold no slash between two sides without blanks, so they stay. It writes the sign of the ohm for an omega, HeVeA a
Cyrillic letter for `\epsilon`.
"""

import re

_TTH = re.compile(rb"hutchinson\.belmont\.ma\.us/tth|content=\"TtH ", re.IGNORECASE)
_HEVEA = re.compile(rb"content=\"hevea ", re.IGNORECASE)
_MARK = re.compile(r"[\[\]()/{}]|\s")
_ROOT = re.compile(r"(?:\^(?:\{([^{}]{1,10})\}|(\w)))?√(?=\{)")
_COMMANDS = re.compile(r"\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{4,}")


def as_written_by(page: bytes, text: str) -> str:
    """`text`, taken from `page`, with what the program that made the page means by its signs."""
    may_unfold = "√" in text or ("[" in text and "/" in text)
    may_unfold |= "\u2126" in text
    if may_unfold and b"tth" in page.lower() and _TTH.search(page):
        return unfold(text).replace("\u2126", "Ω")
    return text.replace("є", "ϵ") if "є" in text and _HEVEA.search(page) else text


def unfold(text: str) -> str:
    """`text` of TtH with its fractions and roots as LaTeX; linear."""
    text = _ROOT.sub(lambda found: f"\\sqrt[{found[1] or found[2]}]" if found[1] or found[2] else "\\sqrt", text)
    if "[" not in text or "/" not in text:
        return text
    out: list[str] = []
    open_: list[tuple[int, str, int]] = []  # where a group begins in `out`, its bracket, where its slash stands
    place = 0
    for found in _MARK.finditer(text):
        out.append(text[place : found.start()])
        place = found.end()
        sign = found.group()
        if sign in "[({":
            open_.append((len(out), sign, -1))
            out.append(sign)
        elif sign == "/" and open_ and open_[-1][1] == "[":
            start, bracket, slash = open_[-1]
            open_[-1] = (start, bracket, len(out) if slash == -1 else -2)
            out.append(sign)
        elif sign in "])}" and open_:
            start, bracket, slash = open_.pop()
            out.append(sign)
            if bracket + sign == "[]" and slash > 0:
                above, below = "".join(out[start + 1 : slash]), "".join(out[slash + 1 : -1])
                if above and below and not _WORD.search(_COMMANDS.sub("", above + " " + below)):
                    out[start:] = [f"\\frac{{{_bare(above)}}}{{{_bare(below)}}}"]
        else:
            out.append(sign)
            if sign.isspace() and open_ and open_[-1][1] == "[" and open_[-1][2] != -1:
                open_[-1] = (open_[-1][0], "[", -2)
            elif sign == "\n":
                open_.clear()
    out.append(text[place:])
    return "".join(out)


def _bare(text: str) -> str:
    """A side of a fraction without the parentheses around the whole of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1] if place == len(text) - 1 else text
    return text
