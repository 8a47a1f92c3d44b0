r"""What the engine does for single commands: files that are read, pieces of TeX, layout that goes."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex import options
from pipelines.extraction.latex.dialects import FORMATS, PRELUDES
from pipelines.extraction.latex.frames import LONGEST_ARGUMENT, Frame
from pipelines.extraction.latex.layout import DRAWINGS, LAYOUT, LENGTHS, PARAGRAPHS, POINTS, SPACES, THIN
from pipelines.extraction.latex.reading import work_for

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

Handler = Callable[["Engine", str], None]
DEEPEST_FILE = 15
"""TeX's own bound on files inside files."""
LEAST_PACKAGE_WORK = 1_000_000
"""Work that a style of the paper's own may cost at least; the paper's own work is not touched by it."""
_BARE = re.compile(r"[ \t]{0,20}(\"[^\"\n{}\\%]{1,300}\"|[^\s{}\\%]{1,300})[ \t]?")
_WANTS_BOX = re.compile(r"\\(?:raise|lower|moveleft|moveright|setbox|[cx]?leaders|shipout)(?![a-zA-Z])[^{}\n]{0,40}\Z")
"""Behind these stands a box, and not a group."""
_BOX_SIZE = re.compile(
    r"\s{0,9}(?:(?:to|spread)\s{0,9}-?[\d.]{0,9}\s{0,3}(?:\\[a-zA-Z@]{1,40}|[a-z]{2,6}))?\s{0,9}(?=\{)"
)
_FILE = re.compile(r"[ \t]{0,20}(?:[\w./-]{1,200}|\\jobname(?![a-zA-Z])){0,3}[ \t]?")
_GLUE = re.compile(
    r"[ \t]*=?[ \t]*(?:-?[ \t]*(?:\d*[.,]?\d+[ \t]*(?:(?:true)?(?:pt|em|ex|mu|cm|mm|in|bp|sp|pc|dd|cc)|\\[a-zA-Z@]+)?"
    r"|\\[a-zA-Z@]+)(?:[ \t]*(?:plus|minus)[ \t]*-?\d*\.?\d+[ \t]*(?:pt|em|ex|mu|cm|mm|in|fil+))*)?[ \t]?"
)
_ASSIGNED = re.compile(
    r"[ \t]*(?:`\\?.)?(?:\\[a-zA-Z@]+)?[ \t]*=?[ \t]*(?:\\magstep(?:\d|half)|\\active|-?\d+"
    r"|[a-z0-9]+(?:[ \t]+(?:at[ \t]*[\d.]+[a-z]+|scaled[ \t]*\\?\w+))?)?[ \t]?"
)
_LENGTH = re.compile(r"(\d*\.?\d+)[ \t]*(?:true)?([a-z]{2})")
_NO_XSPACE = frozenset(".,;:!?)]}{'/-~\\\"")


def layout(engine: "Engine", name: str) -> None:
    """Take a command out of the text with what goes with it."""
    pattern = LAYOUT[name]
    mouth = engine.mouth
    for letter in pattern:
        if letter == "*":
            mouth.take("*")
        elif letter == "o":
            mouth.option()
        elif letter == "t":
            mouth.argument()
        elif letter == "m":
            if mouth.braced() is None:
                break
        else:
            frame = mouth.here()
            match = (_GLUE if letter == "d" else _ASSIGNED).match(frame.text, frame.at) if frame is not None else None
            if name in LENGTHS and (match is None or not match[0].strip()):
                engine.keep_command(name)  # a value, as in `width=\\textwidth`
                return
            if frame is not None and match is not None:
                frame.at = match.end()
    if engine.keeps("index" if name in ("index", "glossary") else "layout"):
        engine.out.add(engine.written())
        return
    wide = name in SPACES and not engine.math and _is_wide(engine.written())
    if not pattern:  # space at the front of a paragraph is none
        engine.swallow_space(None if name == "ignorespaces" or name in PARAGRAPHS else engine.start[0])
    if wide:
        _part_words(engine)
    if name in PARAGRAPHS and not engine.out.tail(2).endswith(("\n\n", "{")):
        engine.out.add("\n\n" if not engine.out.tail(1).endswith("\n") else "\n")
    engine.removed()


def _is_wide(written: str) -> bool:
    """Whether a command that moves the text makes a space between words."""
    if "-" in written:
        return False
    length = _LENGTH.search(written)
    return length is None or float(length[1]) * POINTS.get(length[2], 0) >= THIN


def _part_words(engine: "Engine") -> None:
    """Put a space between what was read and what follows, if nothing else parts them."""
    frame = engine.mouth.here()
    following = frame.text[frame.at : frame.at + 1] if frame is not None else ""
    before = engine.out.tail(1)
    parted = before.isspace() or before in ("", "{", "(", "~")
    if not parted and (following.isalnum() or following in ("$", "(", "`", "\\", "{")):
        engine.out.add(" ")


def input_file(engine: "Engine", name: str) -> None:
    r"""`\input`, `\include`, `\subfile`, `\import` and their kin: read the file here."""
    mouth = engine.mouth
    if name in IMPORTS:
        mouth.take("*")  # with it, files are looked for in that folder alone
    folder = mouth.argument() if name in IMPORTS else None
    if name == "includestandalone":
        mouth.option()
    target = mouth.braced()
    if target is None and (frame := mouth.here()) is not None and (bare := _BARE.match(frame.text, frame.at)):
        target, frame.at = bare[1], bare.end()
    if target is None:
        engine.keep_command(name)
        return
    if "\\" in target:
        target = engine.expanded(target)
    if folder is not None and "\\" in folder:
        folder = engine.expanded(folder)
    target = target.replace('"', "").strip()
    prelude = PRELUDES.get(target.removesuffix(".tex"))
    if prelude is not None:
        _read_format(engine, prelude)
        return
    if target.endswith((".bbl", ".bib")) and not engine.keeps("bibliography"):
        engine.removed()
        return
    if name == "include" and engine.included is not None and target.removesuffix(".tex") not in engine.included:
        engine.removed()
        return
    found = engine.find(target, engine.file, folder)
    active = [frame.file for frame in mouth.frames if frame.file]
    if found is None or found[0] in active or len(active) > DEEPEST_FILE:
        if target.endswith((".sty", ".cls", ".def", ".cfg", ".ltx")) or target.removesuffix(".tex") in FORMATS:
            engine.removed()
        else:
            inside = f"{{{folder}}}" if folder is not None else ""
            engine.out.add(f"\\{name}{inside}{{{target}}}")
        return
    path, text = found
    engine.mouth.begin_file(path, len(text))
    engine.out.seam = True
    mouth.frames.append(Frame(text.rstrip("\n") + "\n", path.endswith((".sty", ".cls", ".def")), path))


def _read_format(engine: "Engine", prelude: str) -> None:
    """Read what stands for a format's files, once."""
    if prelude not in engine.loaded:
        engine.loaded.add(prelude)
        engine.read_prelude(prelude)


def bibliography(engine: "Engine", name: str) -> None:
    r"""`\bibliography{x}` and `\printbibliography`: the list that BibTeX or Biber made, where lists stay."""
    engine.mouth.option()
    if name == "bibliography":
        engine.mouth.argument()
    main = engine.mouth.frames[0].file
    found = engine.find(main.rpartition(".")[0] + ".bbl", main, None) if engine.keeps("bibliography") else None
    if found is not None:
        engine.mouth.spend(len(found[1]))
        engine.mouth.frames.append(Frame(found[1], file=found[0]))
    engine.removed()


def include_only(engine: "Engine", _: str) -> None:
    r"""`\includeonly{a,b}`: other files that are `\include`d are not typeset."""
    names = engine.mouth.argument()
    if names is not None:
        engine.included = frozenset(name.strip().removesuffix(".tex") for name in names.split(","))
    engine.removed()


def end_input(engine: "Engine", _: str) -> None:
    r"""`\endinput`: the file ends with this line, which is read."""
    for frame in reversed(engine.mouth.frames):
        if frame.file:
            if frame.at >= len(frame.text):  # the line is read already, or the file ended by itself
                return
            line, _, _ = frame.text[frame.at :].partition("\n")
            frame.at = frame.done = len(frame.text)
            frames = engine.mouth.frames
            frames.insert(frames.index(frame) + 1, Frame(line, frame.letters, macro="line"))
            return


def document_class(engine: "Engine", name: str) -> None:
    r"""`\documentclass`: names the class; inside of a paper it begins a file with a preamble."""
    mouth = engine.mouth
    option = mouth.option()
    target = mouth.argument() or ""
    mouth.option()
    files = [frame for frame in mouth.frames if frame.file]
    if engine.document_begun and files:
        if files[-1].ahead("\\begin{document}") >= 0:
            files[-1].inner_document = True
            engine.out.silent = True
        return
    if name == "documentstyle":
        load_package(engine, None, [*(option or "").split(",")])
    prelude = PRELUDES.get(target.strip())
    if prelude is not None:
        _read_format(engine, prelude)
    load_package(engine, option, [target])


def use_package(engine: "Engine", _: str) -> None:
    r"""`\usepackage{x}`: definitions of the submission's own packages hold from here on."""
    option = engine.mouth.option()
    names = engine.mouth.argument()
    engine.mouth.option()
    if names is not None:
        load_package(engine, option, names.split(","))
    engine.removed()


def load_package(engine: "Engine", option: str | None, names: list[str]) -> None:
    """Read the submission's own files among these for what they define under an option, each once."""
    for name in map(str.strip, names):
        text = engine.package(name) if name not in engine.loaded and engine.depth < DEEPEST_FILE else None
        engine.loaded.add(name)
        if text is None:
            continue
        work, exhausted = engine.mouth.work, engine.exhausted
        engine.mouth.work = work_for(len(text), LEAST_PACKAGE_WORK)
        silent, inside = engine.out.silent, engine.in_package
        frames, branches, engine.branches = engine.mouth.frames, engine.branches, []
        outer = engine.options, engine.declared_options
        engine.out.silent = engine.in_package = True
        engine.mouth.frames = []
        engine.options, engine.declared_options = options.given(option), {}
        try:
            engine.read(text, file=f"{name}.sty", letters=True)
        finally:
            engine.mouth.frames, engine.branches = frames, branches
            engine.options, engine.declared_options = outer
            engine.out.silent, engine.in_package = silent, inside
            engine.mouth.work, engine.exhausted = work, exhausted


def ensure_math(engine: "Engine", _: str) -> None:
    r"""`\ensuremath{x}`: in text a formula, in a formula what it holds."""
    inside = engine.mouth.argument()
    if inside is not None:
        engine.push(inside if engine.math else f"${inside}$")


def xspace(engine: "Engine", _: str) -> None:
    r"""`\xspace`: a space, unless what follows wants none."""
    frame = engine.mouth.here()
    following = frame.text[frame.at : frame.at + 1] if frame is not None else ""
    if following and following not in _NO_XSPACE and not following.isspace() and not engine.math:
        engine.out.add(" ")
    if following == "\\" and frame is not None and frame.text.startswith("\\ ", frame.at):
        return
    if engine.out.seam is False:
        engine.out.seam = True


def at_letter(letters: bool) -> Handler:
    r"""`\makeatletter` and `\makeatother`."""

    def make(engine: "Engine", _: str) -> None:
        for frame in reversed(engine.mouth.frames):
            frame.letters = letters
            if frame.file or not frame.macro:
                break
        engine.removed()

    return make


def catcode(engine: "Engine", name: str) -> None:
    r"""``\catcode`\@=11`` makes `@` a letter; other categories are none of ours."""
    frame = engine.mouth.here()
    if frame is not None and (at := re.compile(r"[ \t]*`\\?@[ \t]*=?[ \t]*(11|12)[ \t]?").match(frame.text, frame.at)):
        frame.at = at.end()
        at_letter(at[1] == "11")(engine, name)
        return
    layout(engine, name)


def prefix(engine: "Engine", name: str) -> None:
    r"""`\global`, `\long`, `\outer`, `\protected` before a definition."""
    if engine.mouth.next_is("\\"):
        engine.prefixes.add(name)


def begin_group(engine: "Engine", _: str) -> None:
    r"""`\begingroup` and `\bgroup`."""
    engine.meanings.open()


def end_group(engine: "Engine", _: str) -> None:
    r"""`\endgroup` and `\egroup`."""
    engine.meanings.close()


def end_paper(engine: "Engine", name: str) -> None:
    r"""`\bye` and `\enddocument` end a paper in plain TeX; `\end` alone too."""
    engine.stop() if name != "appendix" or not engine.keeps("appendix") else engine.keep_command(name)


def either(engine: "Engine", _: str) -> None:
    r"""hyperref's `\texorpdfstring{for the page}{for the outline}` and changes' `\replaced{new}{old}`: the first."""
    engine.mouth.option()
    first, _second = engine.mouth.argument(), engine.mouth.argument()
    engine.push(first or "")


def joined(engine: "Engine", _: str) -> None:
    r"""`\IEEEPARstart{T}{his}` and `\lettrine{T}{his}`: one word, whose first letter is large on the page."""
    engine.mouth.option()
    first, rest = engine.mouth.argument(), engine.mouth.argument()
    engine.push(f"{first or ''}{rest or ''}")


def box(engine: "Engine", name: str) -> None:
    r"""`\vbox to 5cm{…}` and `\vtop{…}` in text: what they hold, apart from what stands before."""
    frame = engine.mouth.here()
    if engine.math or frame is None or _WANTS_BOX.search(engine.out.tail(60)):
        engine.keep_command(name)
        return
    if size := _BOX_SIZE.match(frame.text, frame.at):
        frame.at = size.end()
    _part_words(engine)
    engine.removed()


def phantom(engine: "Engine", name: str) -> None:
    r"""`\phantom{x}` and its kin: in formulas and drawings they stay, in text nobody sees more than a gap."""
    if engine.math or any(one.name in DRAWINGS for one in engine.environments):
        engine.keep_command(name)
        return
    engine.mouth.argument()
    if name != "vphantom":
        _part_words(engine)
    engine.removed()


def open_file(engine: "Engine", _: str) -> None:
    r"""`\openout\x=name` and `\openin`: a file that TeX itself writes or reads."""
    engine.mouth.token()
    engine.mouth.take("=")
    frame = engine.mouth.here()
    if frame is not None and (name := _FILE.match(frame.text, frame.at)):
        frame.at = name.end()
    engine.removed()


def unseen(engine: "Engine", _: str) -> None:
    r"""`\-`, `\/` and `\@`: where a word may be divided, and how wide a space is."""
    engine.out.seam = False


def two_columns(engine: "Engine", _: str) -> None:
    r"""`\twocolumn[…]`: what stands above both columns, as a title does."""
    head = engine.mouth.option(LONGEST_ARGUMENT) if engine.mouth.next_is("[") else None
    engine.push(head or "")
    engine.removed()


def second(engine: "Engine", _: str) -> None:
    r"""hyperref's `\hypertarget{name}{text}`: the text."""
    _name, text = engine.mouth.argument(), engine.mouth.argument()
    engine.push(text or "")


def added(engine: "Engine", _: str) -> None:
    r"""changes' `\added[id=x]{text}`: the text."""
    engine.mouth.option()
    engine.push(engine.mouth.argument() or "")


IMPORTS = frozenset({"import", "subimport", "includefrom", "subincludefrom", "inputfrom", "subinputfrom"})

HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(LAYOUT, layout),
    **dict.fromkeys(
        ("input", "include", "subfile", "subfileinclude", "includestandalone", "@input", *IMPORTS), input_file
    ),
    **dict.fromkeys(("documentclass", "documentstyle", "LoadClass", "LoadClassWithOptions"), document_class),
    **dict.fromkeys(("usepackage", "RequirePackage"), use_package),
    **dict.fromkeys(("global", "long", "outer", "protected"), prefix),
    **dict.fromkeys(("begingroup", "bgroup"), begin_group),
    **dict.fromkeys(("endgroup", "egroup"), end_group),
    **dict.fromkeys(("bye", "enddocument", "appendix"), end_paper),
    "endinput": end_input,
    "includeonly": include_only,
    **dict.fromkeys(("bibliography", "printbibliography"), bibliography),
    "ensuremath": ensure_math,
    "xspace": xspace,
    "makeatletter": at_letter(True),
    "makeatother": at_letter(False),
    "catcode": catcode,
    **dict.fromkeys(("texorpdfstring", "replaced", "pdftooltip"), either),
    **dict.fromkeys(("added", "DIFadd", "DIFaddFL"), added),
    "hypertarget": second,
    "twocolumn": two_columns,
    "IEEEtitleabstractindextext": added,
    **dict.fromkeys(("IEEEPARstart", "PARstart", "lettrine"), joined),
    **dict.fromkeys(("vbox", "vtop"), box),
    **dict.fromkeys(("openout", "openin"), open_file),
    **dict.fromkeys(("phantom", "hphantom", "vphantom"), phantom),
    **dict.fromkeys(("-", "/", "@"), unseen),
}
"""The commands of this room."""
