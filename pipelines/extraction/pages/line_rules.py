"""Which lines of a page's text go: boilerplate phrases, empty headings, edit links, lines in Chinese.

`published` is what OpenWebMath did (keirp/OpenWebMath,
    text_extraction/text_extract/line_processing.py with the values
of configs/randomized_all.yaml at their greatest probability), faults included:
- a phrase counts wherever its letters stand ("ad" in "read", "ask" in "task", "link" in "linked");
- a line of boilerplate in the last 15 lines takes everything after it along that holds neither mathematics nor code,
  so that a short page loses all that stands behind its first "see also";
- a heading goes unless a line of more than 16 characters follows before the next heading of its rank, so that the
  last of a page stays without text and one before a short formula goes;
- Chinese is looked for at the beginning of a line only, and the line is blanked rather than dropped.

`corrected` counts whole words, asks that a line be short or nearly all boilerplate,
    never drops what holds mathematics
or code, removes nothing but the line itself, and lets a heading stand if anything follows it.
"""

import re

import numpy as np

from manifests.records import Rules
from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.math.formulas import MARK, OPEN
from pipelines.extraction.pages import line_kernel
from pipelines.extraction.pages.side_lines import LOOKED_FOR, MOST_LINES, end_of_others, is_dateline, names_others

RATIO = 0.18
ABSOLUTE = 10
END = 15
_SHORT = 16

_EDIT = re.compile(r"\[[eE]dit\]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_HEADING = re.compile(r"(#{1,6}) ")
_SPACES = re.compile(r"\n{3,}")
_NODES = re.compile(
    r"(?!.*[.!?]$)(?:Next|Previous|Prev|Up): .{1,300}?(?:,? (?:Previous|Prev|Up|Next): |\[(?:Contents|Index)\]$)"
)
"""The line of neighbours over a page of Texinfo, LaTeX2HTML and their like."""
_NEIGHBOURS = ("next: ", "previous: ", "prev: ", "up: ")
"""What such a line begins with, in lower case."""

PUBLISHED_PHRASES: tuple[str, ...] = (
    "©", "updates", "join our", "buy", "sign up", "no results", "search images", "all rights reserved", "was this",
    "please", "visit our", "download for free", "retrieved from", "home page", "jump to", "notification switch",
    "your email address", "view answer", "no label found", "is licensed under", "regular updates", "copyright",
    "have access to this article", "youtube", "advertisment", "password", "login", "learn more", "cookie",
    "jump to navigation", "download", "table of contents", "leave a reply", "leave a message", "skip to",
    "stay updated", "contact us", "twitter", "from wikibooks, open books for an open world", "last modified",
    "from wikipedia, the free encyclopedia", "more info", "terms of use", "terms of service", "privacy policy",
    "navigation", "sign in", "report error", "newest", "under license", "follow ", "newer", "notification",
    "post a comment", "click here", "leave a comment", "google", "free account", "for free", "alert",
    "receive update",
    "share this", "report ad", "more posts", "date of creation", "link", "powered by", "receive", "newsletter",
    "pdf version", "ask", "your ", "facebook", "jump to search", "required fields", "back to top", "published by",
    "pdf article", "accessload", "start with", "loading", "username", "helpful", "log in", "license", "get the best",
    "join us", "full article", "attribution", "main content", "printed from", "distributed under", "rss", "24/7",
    "your service", "please contact", "captcha", "might be incomplete", "about this", "lifetime", "access to",
    "this article is", "not found", "show more", "about", "business", "interested in joining", "wikipedia page",
    "gift",
    "premium", "purchase this", "purchasing", "access denied", "wims", "latest version", "this page",
    "your web browser", "recent version", "this article", "please help", "help you", "discard", "view tag cloud",
    "reply", "sponsor", "return to", "physicsoverflow is an open platform for community peer review", "comments",
    "trackback", "show menu", "add comment", "printable view", "advertisement", "join now", "from proofwiki",
    "energy points", "at the top of this image page", "all products", "maplesim", "online help", "see also",
    "all lesson plans", "menu", "check out more articles", "ad", "votes", "answer", "question you clicked on",
    "this question is closed",
)  # fmt: skip
_PUBLISHED_WEIGHTS = {phrase: len(phrase.split()) for phrase in PUBLISHED_PHRASES}

CORRECTED_PHRASES: tuple[str, ...] = (
    "all rights reserved", "copyright", "sign up", "sign in", "log in", "login", "password", "username",
    "privacy policy", "terms of use", "terms of service", "cookie", "cookies", "cookie policy", "accept all",
    "newsletter",
    "subscribe", "leave a reply", "leave a comment", "leave a message", "post a comment", "add comment",
    "add a comment",
    "your email address", "will not be published", "required fields are marked", "share this", "share on", "tweet",
    "facebook", "twitter", "linkedin", "pinterest", "reddit", "whatsapp", "follow us", "powered by",
    "skip to content",
    "skip to main content", "jump to navigation", "jump to search", "back to top", "printable view", "click here",
    "contact us", "about us", "join us", "join now", "advertisement", "report this ad", "report ad", "show menu",
    "show more", "load more", "loading", "read more", "more posts", "older posts", "newer posts", "previous post",
    "next post", "view tag cloud", "trackback", "rss", "is licensed under", "this page was last edited",
    "last modified",
    "retrieved from", "from wikipedia, the free encyclopedia", "from proofwiki", "improve this question",
    "improve this answer", "report", "upvote", "downvote", "toggle navigation", "table of contents", "search",
    "page not found", "access denied", "advert", "view comments", "view all comments", "get short url",
    "continue reading the main story", "javascript is disabled", "enable javascript", "please enable javascript",
    "mathjax on", "mathjax off",
)  # fmt: skip
_CORRECTED = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(p) for p in sorted(CORRECTED_PHRASES, key=len, reverse=True)) + r")(?!\w)"
)
_LOOKED_FOR = Automaton((phrase.encode(), 0) for phrase in (*CORRECTED_PHRASES, *_NEIGHBOURS, *LOOKED_FOR, "[edit]"))
_WORD = re.compile(r"\w+")
_CORRECTED_RATIO = 0.6
_CORRECTED_LENGTH = 12
_MAX_LINE = 400
_MOST_SPACES = 2 * _CORRECTED_LENGTH


def clean(text: str, rules: Rules) -> str:
    """`text`, marks of formulas still in it, without the lines that `rules` drop."""
    return published(text) if rules == "published" else corrected(text)


def _is_protected(line: str) -> bool:
    return OPEN in line or "`" in line


def published(text: str) -> str:
    """The lines as OpenWebMath left them."""
    lines = ["" if _CHINESE.match(line) else line for line in text.split("\n")]
    lines = _published_boilerplate(lines)
    lines = _published_headings(lines)
    text = "\n".join(_EDIT.sub("", line.strip()) for line in lines)
    return _SPACES.sub("\n\n", text).strip()


def _published_boilerplate(lines: list[str]) -> list[str]:
    out: list[str] = []
    for position, line in enumerate(lines):
        lowered = MARK.sub(" ", line.lower())
        score = sum(lowered.count(phrase) * weight for phrase, weight in _PUBLISHED_WEIGHTS.items()) if lowered else 0
        if not score or _is_protected(line) or (score / (len(lowered.split()) + 0.001) <= RATIO and score <= ABSOLUTE):
            out.append(line)
        elif len(lines) - position < END:
            out += [rest for rest in lines[position:] if _is_protected(rest)]
            break
    return out


def _ranks(lines: list[str]) -> list[int]:
    """The rank of each line's heading, 0 for other lines; code is no heading."""
    ranks = []
    fenced = False
    for line in lines:
        fenced ^= line.startswith("```")
        match = None if fenced else _HEADING.match(line)
        ranks.append(len(match.group(1)) if match else 0)
    return ranks


def _published_headings(lines: list[str]) -> list[str]:
    return [line for line, keep in zip(lines, _kept_headings(lines, _SHORT), strict=True) if keep]


def _kept_headings(lines: list[str], longer_than: int) -> list[bool]:
    """For each line whether it stays: a heading needs a line longer than that before the next of its rank or above.

    One pass from the end: `text_at` is the nearest line of text behind, `next_at[k]` the nearest heading of rank k.
    """
    ranks = _ranks(lines)
    keep = [True] * len(lines)
    end = len(lines)
    text_at = end
    next_at = [end] * 7
    for position in range(end - 1, -1, -1):
        rank = ranks[position]
        if rank == 0:
            if len(lines[position]) > longer_than:
                text_at = position
            continue
        keep[position] = text_at < end and text_at < min(next_at[1 : rank + 1])
        next_at[rank] = position
    return keep


def corrected(text: str) -> str:
    """The lines without those that say nothing but the furniture of a site."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    starts, flags = line_kernel.scan(data, _LOOKED_FOR)
    dropped = np.zeros(flags.size, np.uint8)
    view = data.data

    def line_at(number: int) -> str:
        return str(view[starts[number] : starts[number + 1] - 1], "utf-8")

    quiet = 0
    for number in np.flatnonzero(flags & line_kernel.LOOK).tolist():
        line = line_at(number)
        if OPEN in line or dropped[number]:
            continue
        if line != _EDIT.sub("", line).rstrip():
            return _corrected_line_by_line(text)
        if number >= quiet and names_others(line):
            end = end_of_others(line_at, number, flags.size)
            dropped[number:end] = 1
            quiet = number + MOST_LINES if end == number + 1 else end  # a list without an end is looked through once
        else:
            dropped[number] = _goes(line)
    return line_kernel.without(data, starts, flags, dropped).decode().strip()


def _corrected_line_by_line(text: str) -> str:
    """The same for a text of which lines change."""
    lines = text.split("\n")
    out: list[str] = []
    fenced = False
    behind = quiet = 0
    for number, line in enumerate(lines):
        if number < behind:
            continue
        if line.startswith("```"):
            fenced = not fenced
        if fenced or line.startswith("```") or not line or OPEN in line:
            out.append(line)
            continue
        line = _EDIT.sub("", line).rstrip()  # noqa: PLW2901 - the line without its edit link takes its place
        if number >= quiet and names_others(line):
            behind = end_of_others(lines.__getitem__, number, len(lines))
            quiet = number + MOST_LINES if behind == number + 1 else behind
        elif not _goes(line):
            out.append(line)
    kept = [line for line, keep in zip(out, _kept_headings(out, 0), strict=True) if keep or OPEN in line]
    return _SPACES.sub("\n\n", "\n".join(kept)).strip()


def _goes(line: str) -> bool:
    """Whether a line of text is furniture. It holds one of `_LOOKED_FOR`, or hardly a letter."""
    if len(line) > _MAX_LINE or "`" in line:
        return False
    if line.count(" ") < _MOST_SPACES and (_is_boilerplate(line) or is_dateline(line)):
        return True
    return _NODES.match(line) is not None


def _is_boilerplate(line: str) -> bool:
    """Whether a short line is made of boilerplate phrases."""
    lowered = line.lower()
    total = len(_WORD.findall(lowered))
    if total == 0 or total > _CORRECTED_LENGTH:
        return lowered.strip() in {"©", "|", "·", "•", "«", "»", "×"}
    if line.startswith("#"):
        return False
    covered = sum(len(_WORD.findall(phrase)) for phrase in _CORRECTED.findall(lowered))
    return covered / total >= _CORRECTED_RATIO and (
        total > 1 or (covered == 1 and not lowered.strip("-*•. ").endswith(":"))
    )
