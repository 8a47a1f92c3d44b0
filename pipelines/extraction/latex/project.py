r"""Which files of a submission are papers, and a paper's text with everything it reads in its place.

The rules for finding the main files are those of arXiv's own TeX system (its help page on the `00README` file and on
submitting TeX): what `00README` names, else every file with a `\documentclass` that no other file reads.
"""

import itertools
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from pipelines.extraction.latex.comments import drop_dead_branches, strip_comments
from pipelines.extraction.latex.decoding import decode
from pipelines.extraction.latex.scan import tokens

TEX_SUFFIXES = (".tex", ".ltx", ".latex")
READ_SUFFIXES = (*TEX_SUFFIXES, ".inc", ".txt", ".sty", ".cls", ".def", "")
"""Files that may hold text or definitions; figures drawn in TeX, data and bibliographies are left where they are."""
DEEPEST = 15
"""TeX's own bound on files inside files."""
LONGEST_PAPER = 64 << 20
"""Characters of a paper with all its files; only files that read each other over and over exceed it."""

_IGNORED = re.compile(r"\s*%\s*auto-ignore")
_CLASS = re.compile(r"\\document(?:class|style)(?![a-zA-Z])")
_CLASS_NAME = re.compile(r"[^{}]{0,4000}\{\s{0,20}([\w.@+ -]{1,100})")
MOST_CLASSES = 20
"""So many mentions of a class are looked at for its name."""
_PLAIN_TEX = re.compile(
    r"\\(?:bye|magnification|input\s{0,9}(?:amstex|amsppt|harvmac|phyzzx|lanlmac|epsf))(?![a-zA-Z])|\\end\s*\Z"
)
_PARTS = frozenset({"standalone", "subfiles"})
"""Classes of files that are read by others, though they could be typeset alone."""
_GROUP = re.compile(r"\s{0,20}\{\s{0,20}([^{}\n]{1,300}?)\s{0,20}\}")
_BARE = re.compile(r"[ \t]{1,20}([\w./+-]{1,300})")
_LOADS = frozenset({"usepackage", "RequirePackage", "documentclass", "documentstyle"})
_LOADED = re.compile(r"\s{0,20}(?:\[[^\[\]]{0,1000}\])?\s{0,20}\{([^{}]{1,1000})\}")
_READS = frozenset({"input", "include", "subfile", "subfileinclude", "InputIfFileExists", "@input"})
_DEFINES = frozenset({"def", "let", "newcommand", "renewcommand", "providecommand"})
_TO_NAME = re.compile(r"\*?[ \t]{0,20}\{?[ \t]{0,20}")
_IMPORTS = frozenset({"import", "subimport", "includefrom", "subincludefrom", "inputfrom", "subinputfrom"})


class TooLong(ValueError):
    """A paper grows beyond `LONGEST_PAPER` when its files are put in place."""


class Project:
    """The files of one submission by their path in it; `codec` is what the paper declares to `inputenc`.

    A file is decoded and freed of comments and dead branches when it is first asked for, so that `files` may be a
    folder of thousands of papers. `missing` collects what was to be read and is not there, `refused` paths that lead
    out of the submission.
    """

    def __init__(self, files: Mapping[str, bytes], codec: str | None = None) -> None:
        self.files = files
        self.codec = codec
        self.missing: list[str] = []
        self.refused: list[str] = []
        self._texts: dict[str, str] = {}

    def decoded(self, name: str) -> str:
        """A file as its author wrote it."""
        return decode(self.files[name], self.codec)

    def text(self, name: str) -> str:
        """A file without its comments and dead branches."""
        if name not in self._texts:
            self._texts[name] = drop_dead_branches(strip_comments(self.decoded(name)))
        return self._texts[name]

    def mains(self) -> list[str]:
        """The papers' main files, in the order in which arXiv typesets them; empty if there is none."""
        named, ignored = self._readme()
        candidates = [
            name
            for name in sorted(self.files)
            if name.lower().endswith(TEX_SUFFIXES) and name not in ignored and not _IGNORED.match(self.decoded(name))
        ]
        if named := [name for name in named if name in self.files]:
            return named
        if len(candidates) == 1:
            return candidates
        read = {target for name in candidates for target in self._targets(name)}
        classes = {name: found for name in candidates if (found := _class_of(self.text(name)))}
        for wanted in (
            [name for name in classes if name not in read and classes[name] not in _PARTS],
            list(classes),
            [name for name in candidates if name not in read and _PLAIN_TEX.search(self.text(name))],
            [name for name in candidates if name not in read and not self._is_definitions(name)],
        ):
            if wanted:
                return wanted
        return candidates

    def flatten(self, main: str) -> str:
        r"""The text of `main` with every file that it reads (`\input`, `\include`, `\subfile`, `\import`) in its place.

        Files that are missing, that read themselves or that lie outside stay as the command they were. Raises
        `TooLong`.
        """
        pieces: list[str] = []
        self._flatten(main, posixpath.dirname(main), (main,), pieces, [0])
        return "".join(pieces)

    def parts(self, main: str) -> set[str]:
        """The files that `main` reads, and those that they read."""
        found: set[str] = set()
        waiting = [main]
        while waiting:
            new = set(self._targets(waiting.pop())) - found - {main}
            found |= new
            waiting += sorted(new)
        return found

    def packages(self, text: str) -> Iterator[str]:
        """The texts of the submission's own packages and classes that `text` loads, in order."""
        for token in tokens(text, only=_LOADS):
            if token.kind != "command":
                continue
            names = _LOADED.match(text, token.end)
            for name in names[1].split(",") if names else ():
                for suffix in (".sty", ".cls"):
                    if (found := posixpath.normpath(name.strip() + suffix)) in self.files:
                        yield self.text(found)

    def _flatten(self, name: str, root: str, active: tuple[str, ...], pieces: list[str], size: list[int]) -> None:
        text = self.text(name)
        done = 0
        for start, end, target, folder in _readings(text):
            if target is None:  # \endinput
                text = text[:start]
                break
            found = self._find(target, folder if folder is not None else root, posixpath.dirname(name))
            if found is None or found in active or len(active) > DEEPEST or not _is_tex(found):
                continue
            pieces.append(text[done:start])
            size[0] += start - done
            if size[0] > LONGEST_PAPER:
                raise TooLong(f"the files of the paper make more than {LONGEST_PAPER} characters")
            inner_root = root if folder is None else posixpath.dirname(found)
            self._flatten(found, inner_root, (*active, found), pieces, size)
            done = end
        pieces.append(text[done:].rstrip("\n") + "\n" if len(active) > 1 else text[done:])
        size[0] += len(pieces[-1]) + 1  # counted even when empty, so that endless empty files end as well

    def _targets(self, name: str) -> Iterator[str]:
        for _, _, target, folder in _readings(self.text(name)):
            if target is None:
                return
            found = self._find(target, folder or "", posixpath.dirname(name))
            if found is not None and found != name:
                yield found

    def _find(self, target: str, root: str, here: str) -> str | None:
        if target.startswith(("/", "~")) or (len(target) > 1 and target[1] == ":") or "\\" in target:
            self.refused.append(target)
            return None
        outside = 0
        bases = list(dict.fromkeys((root, here, "")))
        for base in bases:
            path = posixpath.normpath(posixpath.join(base, target))
            if path.startswith("../") or path == "..":
                outside += 1
                continue
            for name in (path + ".tex", path, path + ".ltx", path + ".latex"):
                if name in self.files:
                    return name
        (self.refused if outside == len(bases) else self.missing).append(target)
        return None

    def _is_definitions(self, name: str) -> bool:
        text = self.text(name)
        return "\\newcommand" in text and "\\section" not in text and "$" not in re.sub(r"(?m)^\\.*$", "", text)

    def _readme(self) -> tuple[Sequence[str], frozenset[str]]:
        """The main files that `00README` names, and the files that it says to ignore."""
        mains: list[str] = []
        ignored: set[str] = set()
        for name in ("00README.json", "00README.XXX", "00README"):
            if name not in self.files:
                continue
            text = self.decoded(name)
            if name.endswith(".json"):
                try:
                    sources = json.loads(text).get("sources", [])
                    pairs = [(source.get("filename", ""), source.get("usage", "")) for source in sources]
                except (ValueError, RecursionError, AttributeError, TypeError):
                    continue
            else:
                pairs = [(words[0], words[1]) for line in text.split("\n") if len(words := line.split()) >= 2]
            mains += [file for file, usage in pairs if usage in ("toplevel", "toplevelfile")]
            ignored |= {file for file, usage in pairs if usage == "ignore"}
            break
        return mains, frozenset(ignored)


def _class_of(text: str) -> str:
    for mention in itertools.islice(_CLASS.finditer(text), MOST_CLASSES):
        if name := _CLASS_NAME.match(text, mention.end()):
            return name[1].strip()
    return ""


def _is_tex(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in (*TEX_SUFFIXES, ".inc", ".txt", "", ".def", ".sty")


def _readings(text: str) -> Iterator[tuple[int, int, str | None, str | None]]:
    """Commands that read a file: start, end, what (None: `\\endinput`), and the folder that an import names."""
    named = -1  # where a command stands that is being defined, not used
    for token in tokens(text, only=_READS | _IMPORTS | _DEFINES | {"endinput"}):
        if token.kind != "command":
            continue
        name = token.name
        if token.start == named:
            continue
        if name == "endinput":
            yield token.start, token.end, None, None
        if name in _DEFINES:
            space = _TO_NAME.match(text, token.end)
            named = space.end() if space else token.end
            continue
        if name in _READS:
            group = _GROUP.match(text, token.end) or (_BARE.match(text, token.end) if name == "input" else None)
            if group:
                yield token.start, group.end(), group[1], None
        elif name in _IMPORTS:
            folder = _GROUP.match(text, token.end)
            group = _GROUP.match(text, folder.end()) if folder else None
            if folder and group:
                yield token.start, group.end(), group[1], folder[1]
