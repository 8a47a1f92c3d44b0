r"""Which files of a submission are papers, and a paper's text with everything it reads in its place.

The rules for finding the main files are those of arXiv's own TeX system (its help page on the `00README` file and on
submitting TeX): what `00README` names, else every file with a `\documentclass` that no other file reads.
"""

import functools
import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.extraction.latex.decoding import decode
from pipelines.extraction.latex.directives import directives, is_directives

TEX_SUFFIXES = (".tex", ".ltx", ".latex")
READ_SUFFIXES = (*TEX_SUFFIXES, ".inc", ".txt", ".sty", ".cls", ".def", ".bbl", "")
"""Files that may hold text or definitions; figures drawn in TeX, data and bibliographies are left where they are."""
LISTED_SUFFIXES = tuple(
    f".{name}"
    for name in """py c h cpp cc hpp cu java m r jl hs ml mli v lean thy agda f f90 for js ts go rs sh sql scala rb pl
    lua mod gap g sage mw cs kt swift pro dfy tla smt2""".split()
)
"""Files that a paper may print as they stand (`\\lstinputlisting`)."""
LONGEST_LISTING = 200_000
LONGEST_PAPER = 64 << 20
"""Characters of a paper with all its files; only files that read each other over and over exceed it."""

_DEFINITIONS = (".sty", ".cls", ".def")
_ANCILLARY = "anc/"
"""Where submissions keep what belongs to a paper and is no part of it; arXiv typesets nothing there."""
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
_BARE = re.compile(r"[ \t]{1,20}([\w./+-]{1,300}|\"[^\"\n]{1,300}\")")
_READ = re.compile(
    r"\\(input|include|subfile|subfileinclude|includestandalone|InputIfFileExists|import|subimport|includefrom"
    r"|subincludefrom|inputfrom|subinputfrom)(?![a-zA-Z@])\*?(?:\[[^\[\]]{0,200}\])?"
)
_COMMENT = re.compile(r"\\[\\%]|%[^\n]*")
_BEGIN = re.compile(r"\\begin\s{0,9}\{document\}")
_INPUT_PATH = re.compile(r"\\input@path\s{0,9}\{((?:\s{0,9}\{[^{}]{1,200}\})+)")
_FOLDER = re.compile(r"\{([^{}]{1,200})\}")
_DISTRIBUTED = re.compile(
    r"(?i)LaTeX Project Public License|\bLPPL\b|This file was generated|generated with the docstrip|docstrip utility"
    r"|This is file `|\\CheckSum"
)
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
        self._decoded: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def decoded(self, name: str) -> str:
        """A file as its author wrote it."""
        if name not in self._decoded:
            self._decoded[name] = decode(self.files[name], self.codec)
        return self._decoded[name]

    def text(self, name: str) -> str:
        """A file without its comments, in which commands can be looked for."""
        if name not in self._texts:
            self._texts[name] = without_comments(self.decoded(name))
        return self._texts[name]

    def sources(self) -> list[str]:
        r"""The files that hold TeX by their names; without any, those with another name or none that begin a document.

        Papers of the first years bear names like `draft` or `paper.latex2e`.
        """
        papers = [name for name in sorted(self.files) if not name.startswith(_ANCILLARY)]
        named = [name for name in papers if name.lower().endswith(TEX_SUFFIXES)]
        return named or [
            name
            for name in papers
            if not name.lower().endswith((*_DEFINITIONS, *LISTED_SUFFIXES))
            and not is_directives(name)
            and (_CLASS.search(self.text(name)) or _PLAIN_TEX.search(self.text(name)))
        ]

    def mains(self) -> list[str]:
        """The papers' main files, in the order in which arXiv typesets them; empty if there is none."""
        said = directives(self.files, self.decoded)
        candidates = [
            name for name in self.sources() if name not in said.others and not _IGNORED.match(self.decoded(name))
        ]
        if named := [file for name in said.papers for file in (name, f"{name}.tex") if file in self.files]:
            return named
        if len(candidates) == 1:
            return candidates
        begun = [name for name in candidates if "{document}" in self.decoded(name) and _BEGIN.search(self.text(name))]
        if len(begun) == 1 and "\\end{document}" in self.text(begun[0]):
            return begun  # wherever its class stands
        read = {target for name in candidates for target in self._targets(name)}
        if len(begun) == 1:  # which another file may begin with, and end by itself
            whole = [name for name in candidates if name not in read and begun[0] in self._targets(name)]
            return whole if len(whole) == 1 else begun
        classes = {name: found for name in candidates if (found := _class_of(self.text(name)))}
        for wanted in (
            [name for name in classes if name not in read and classes[name] not in _PARTS and name in begun],
            [name for name in begun if name not in read],
            [name for name in classes if name not in read and classes[name] not in _PARTS],
            list(classes),
            [name for name in candidates if name not in read and _PLAIN_TEX.search(self.text(name))],
            [name for name in candidates if name not in read and not self._is_definitions(name)],
        ):
            if wanted:
                return wanted
        return candidates

    def parts(self, main: str) -> set[str]:
        """The files that `main` reads, and those that they read."""
        found: set[str] = set()
        waiting = [main]
        while waiting:
            new = set(self._targets(waiting.pop())) - found - {main}
            found |= new
            waiting += sorted(new)
        return found

    def package(self, root: str) -> Callable[[str], str | None]:
        """How classes and styles of the submission's own are found for a paper whose main file lies in `root`.

        Those of distributions define nothing: None stands for them too.
        """

        def find(name: str) -> str | None:
            for base in dict.fromkeys((root, "", *self.paths)):
                for suffix in (".sty", ".cls", ".tex", ""):
                    path = posixpath.normpath(posixpath.join(base, name + suffix))
                    if path in self.files and (suffix or path.endswith((".sty", ".cls", ".tex"))):
                        text = self.decoded(path)
                        return None if is_distributed(path, text) else text
            return None

        return find

    def reading(self, root: str) -> Callable[[str, str, str | None], tuple[str, str] | None]:
        """How files are found for a paper whose main file lies in the folder `root`: path and text.

        It takes the name that stands in the text, the file that it stands in and the folder that an import names.
        Raises TooLong when files that read each other make the paper longer than `LONGEST_PAPER`.
        """
        read = 0

        def find(target: str, here: str, folder: str | None) -> tuple[str, str] | None:
            nonlocal read
            place = posixpath.dirname(here)
            bases = (posixpath.join(place, folder), posixpath.join(root, folder), folder) if folder is not None else ()
            path = self._find(target, (*bases, root, place, "", *self.paths))
            if path is None or not _is_tex(path):
                return None
            text = self.decoded(path)
            read += len(text) + 1  # counted even when empty, so that endless empty files end as well
            if read > LONGEST_PAPER:
                raise TooLong(f"the files of the paper make more than {LONGEST_PAPER} characters")
            return path, text

        return find

    def listing(self, root: str) -> Callable[[str, str], str | None]:
        """How files are found that a paper, whose main file lies in the folder `root`, prints as they stand."""

        def find(target: str, here: str) -> str | None:
            path = self._find(target, (root, posixpath.dirname(here), "", *self.paths))
            if path is None or len(self.files[path]) > LONGEST_LISTING:
                return None
            return self.decoded(path)

        return find

    def _targets(self, name: str) -> Iterator[str]:
        for target, folder in _readings(self.text(name)):
            found = self._find(target, (folder or "", posixpath.dirname(name), ""))
            if found is not None and found != name:
                yield found

    def _find(self, target: str, bases: Sequence[str]) -> str | None:
        if target.startswith(("/", "~")) or (len(target) > 1 and target[1] == ":") or "\\" in target:
            self.refused.append(target)
            return None
        outside = 0
        bases = list(dict.fromkeys(bases))
        paths = []
        for base in bases:
            path = posixpath.normpath(posixpath.join(base, target))
            if path.startswith("../") or path == "..":
                outside += 1
            else:
                paths += [path + ".tex", path, path + ".ltx", path + ".latex"]
        for path in paths:
            if path in self.files:
                return path
        if outside < len(bases):  # papers come from machines that do not tell cases apart
            for path in paths:
                if (found := self._folded.get(path.lower())) is not None:
                    return found
        (self.refused if outside == len(bases) else self.missing).append(target)
        return None

    @functools.cached_property
    def _folded(self) -> dict[str, str]:
        return {name.lower(): name for name in sorted(self.files, reverse=True)}

    @functools.cached_property
    def paths(self) -> tuple[str, ...]:
        r"""The folders of `\input@path`."""
        found: list[str] = []
        for name in self.files:
            if name.lower().endswith(TEX_SUFFIXES):
                for match in _INPUT_PATH.finditer(self.decoded(name)):
                    found += [posixpath.normpath(folder) for folder in _FOLDER.findall(match[1])]
        return tuple(dict.fromkeys(found))[:20]

    def _is_definitions(self, name: str) -> bool:
        text = self.text(name)
        return "\\newcommand" in text and "\\section" not in text and "$" not in re.sub(r"(?m)^\\.*$", "", text)


def without_comments(text: str) -> str:
    r"""`text` less its comments; their line ends stay. `\\` and `\%` are signs, behind which a `%` counts again."""
    return _COMMENT.sub(lambda found: found[0] if found[0][0] == "\\" else "", text)


def _class_of(text: str) -> str:
    for mention in itertools.islice(_CLASS.finditer(text), MOST_CLASSES):
        if name := _CLASS_NAME.match(text, mention.end()):
            return name[1].strip()
    return ""


def _is_tex(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in (*TEX_SUFFIXES, ".inc", ".txt", "", ".def", ".sty", ".bbl")


def _readings(text: str) -> Iterator[tuple[str, str | None]]:
    """The files that a text reads, each with the folder that an import names."""
    for match in _READ.finditer(text):
        name, at = match[1], match.end()
        group = _GROUP.match(text, at) or (_BARE.match(text, at) if name == "input" else None)
        if group and name in _IMPORTS:
            second = _GROUP.match(text, group.end())
            if second:
                yield second[1], group[1]
        elif group:
            yield group[1].replace('"', "").strip(), None


def is_distributed(path: str, text: str) -> bool:
    """Whether a class or style is one of TeX's distributions or of a journal, known by its name or by what it says.

    Such a file dresses the page in TeX's inner language; what it means for the text is LaTeX's own.
    """
    if posixpath.splitext(posixpath.basename(path))[0].lower() in distributed_names():
        return True
    return _DISTRIBUTED.search(text[:6000]) is not None


@functools.cache
def distributed_names() -> frozenset[str]:
    """Names of classes and styles of TeX Live, in small letters."""
    return frozenset((Path(__file__).with_name("distributed.txt")).read_text(encoding="ascii").split())


@functools.cache
def standard_commands() -> frozenset[str]:
    """Names of commands of LaTeX, plain TeX, amsmath, amssymb and the packages that nearly every paper loads."""
    return frozenset((Path(__file__).with_name("standard.txt")).read_text(encoding="ascii").split())
