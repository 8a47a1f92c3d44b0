"""Lines that say when and by whom a page was published, and the lists of other pages that follow an article.

Sites without telling class names still say these things in a few fixed ways. A line counts as a dateline only if it
holds nothing else; a list of other pages begins with a line that says so ("Related articles") and ends at the first
line that reads like text. The ways were collected on the development half of `tests/benchmarks/web_gold.py`.
"""

import re
from collections.abc import Callable

from pipelines.extraction.math.formulas import OPEN

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s)?"
_DATE = (
    rf"{_DAY}(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH},?(?:\s\d{{4}})?|"
    r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})"
)
_CLOCK = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?)?(?:\s?[a-z]{2,4})?"
_AGO = r"(?:an?|\d{1,3})\s(?:seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|months?|years?)\sago"
_SAID = (
    r"(?:(?:first |last |originally )?(?:published|updated|posted|modified|edited|asked|answered|created)"
    r"(?: on| at)?:?\s?)"
)
_WHEN = rf"(?:{_AGO}|{_DATE}(?:,?\s(?:at\s|-\s|[–—|]\s)?{_CLOCK})?|{_CLOCK},?\s{_DATE})"
_DATELINE = re.compile(
    rf"{_SAID}{_WHEN}(?:[\s,|·•–—-]{{1,3}}{_SAID}?{_WHEN})?|{_AGO}|{_DATE},?\s(?:at\s|-\s|[–—|]\s)?{_CLOCK}|{_CLOCK},?\s{_DATE}"
)
_COUNT = re.compile(r"(?:\d[\d,.]{0,8}k?|no) (?:comments?|replies|views|shares|likes|followers|min(?:ute)? read)|"
    r"image \d{1,3} of(?: /)? \d{1,3}|\d{1,3} / \d{1,3}")  # fmt: skip
_CREDIT = re.compile(
    r"(?:(?:photos?|photographs?|credits?|foto)(?: (?:by|credits?|courtesy|source))?(?: of)?:|"
    r"(?:image|picture|illustration)s? (?:by|credits?|courtesy|source)(?: of)?:|"
    r"©|\(c\) |photo by |image by |image copyright |getty images|shutterstock).{0,80}"
)
_LONGEST = 100

OTHERS = frozenset(
    """
    related articles|related stories|related posts|related news|related topics|related links|
    related internet links|related content|more on this story|you may also like|
    you might also like|you may also be interested in|you might be interested in|recommended for you|
    recommended articles|recommended stories|read next|up next|read more|more stories|
    more news|more from this author|latest news|latest stories|latest posts|latest videos|latest articles|
    recent posts|recent articles|popular posts|popular articles|most popular|most read|most viewed|trending|
    trending now|trending stories|top stories|editor's picks|editors' picks|don't miss|what to read next|
    more in this section|share this article|share this post|share this story|newswire|top news|more like this
    """.replace("\n", "").replace("    ", "").split("|")
)  # fmt: skip
"""What the line over a list of other pages says."""
MOST_LINES = 60
"""Lines that such a list may have."""
_SENTENCE, _TEXT = 80, 200
LOOKED_FOR = (
    *OTHERS, " ago", "published", "updated", "posted", "comments", "replies", "asked ", "edited ", "min read",
    "minute read", "image", "photo", "picture", "credit", "illustration", "foto", "bild", "©", "shutterstock",
    *(f":{digit}" for digit in range(6)),
)  # fmt: skip
"""Letters of which every such line holds one."""


def is_dateline(line: str) -> bool:
    """Whether a line says nothing but when something was published, how many answered or whose a picture is."""
    if len(line) > _LONGEST:
        return False
    lowered = line.lower().strip(" |·•-()")
    return any(way.fullmatch(lowered) is not None for way in (_DATELINE, _COUNT, _CREDIT))


def names_others(line: str) -> bool:
    """Whether a line stands over a list of other pages."""
    return len(line) <= _LONGEST and line.lower().replace("’", "'").strip("#*:-.… ") in OTHERS


def end_of_others(line_at: Callable[[int], str], number: int, count: int) -> int:
    """The line behind the list of other pages whose heading is line `number`: the first that reads like text.

    A heading of the same rank or above, a long line, and one with a formula or code end it; without such an end among
    `MOST_LINES` lines nothing but the heading belongs to it.
    """
    rank = _rank(line_at(number))
    for at in range(number + 1, min(count, number + MOST_LINES)):
        line = line_at(at)
        if _reads_like_text(line) or OPEN in line or "`" in line or (0 < _rank(line) <= (rank or 6)):
            return at
    return count if count <= number + MOST_LINES else number + 1


def _rank(line: str) -> int:
    marks = len(line) - len(line.lstrip("#"))
    return marks if line[marks : marks + 1] == " " else 0


def _reads_like_text(line: str) -> bool:
    return len(line) > _TEXT or (len(line) > _SENTENCE and line.rstrip("\"'”’)").endswith((".", "!", "?", ":")))
