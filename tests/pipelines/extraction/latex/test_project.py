r"""Finding a paper's main file, and putting the files that it reads in their place."""

import json

import pytest

from pipelines.extraction.latex import project as project_module
from pipelines.extraction.latex.engine import Engine
from pipelines.extraction.latex.project import Project, TooLong

MAIN = "\\documentclass{article}\\begin{document}%s\\end{document}"


def project(**files: str) -> Project:
    return Project({name.replace("__", "/").replace("_", "."): text.encode() for name, text in files.items()})


def test_the_only_tex_file_is_the_main_file() -> None:
    assert project(a_tex="Text").mains() == ["a.tex"]


def test_the_main_file_is_the_one_with_a_class() -> None:
    assert project(a_tex="Text", b_tex=MAIN % "x", c_sty="\\documentclass{x}").mains() == ["b.tex"]


def test_what_belongs_to_a_paper_and_is_no_part_of_it_is_none() -> None:
    article = b"\\documentclass{article}\\begin{document}a\\end{document}"
    assert Project({"paper.tex": article, "anc/notes.tex": article}).mains() == ["paper.tex"]
    assert Project({"anc/notes.tex": article}).mains() == []


def test_a_class_in_a_comment_or_verbatim_does_not_count() -> None:
    files = {"a_tex": "% \\documentclass{article}\nText", "b_tex": MAIN % "\\input{a}"}
    assert project(**files).mains() == ["b.tex"]


def test_a_file_that_another_main_file_reads_is_none() -> None:
    assert project(a_tex=MAIN % "\\input{b}", b_tex=MAIN % "x").mains() == ["a.tex"]
    assert project(a_tex="\\documentclass{standalone}", b_tex=MAIN % "x").mains() == ["b.tex"]


def test_two_main_files_are_two_parts_in_order_of_name() -> None:
    assert project(supplement_tex=MAIN % "x", article_tex=MAIN % "y").mains() == ["article.tex", "supplement.tex"]


@pytest.mark.parametrize(
    ("name", "readme"),
    [
        ("00README.XXX", "z.tex toplevelfile\na.tex ignore\n"),
        ("00readme.xxx", "nostamp\nz toplevelfile\na.tex include\n"),
        ("00README", "z.tex toplevelfile"),
        ("00README.json", '{"sources": [{"filename": "z.tex", "usage": "toplevel"}]}'),
        (
            "00README.json",
            '{"spec_version": 1, "sources": [{"filename": "z.tex"}, {"filename": "a.tex", "usage": "include"}]}',
        ),
        ("00readme.yaml", "process: {compiler: pdflatex}\nsources:\n  - {filename: z.tex, usage: toplevel}\n"),
        ("00README.toml", '[[sources]]\nfilename = "z.tex"\nusage = "toplevel"\n'),
    ],
)
def test_00readme_names_the_main_file(name: str, readme: str) -> None:
    files = {"a.tex": MAIN % "x", "z.tex": "plain", name: readme}
    assert Project({name: text.encode() for name, text in files.items()}).mains() == ["z.tex"]


def test_00readme_chooses_papers_and_their_order() -> None:
    said = [{"filename": name, "usage": "toplevel"} for name in ("b.tex", "a.tex", "gone.tex")]
    files = {name: MAIN % name for name in ("a.tex", "b.tex", "c.tex")}
    files |= {"00README.json": json.dumps({"sources": said}), "00README.XXX": "c.tex toplevelfile"}
    assert Project({name: text.encode() for name, text in files.items()}).mains() == ["b.tex", "a.tex"]


def test_a_landscape_file_of_00readme_is_no_choice() -> None:
    said = '{"sources": [{"filename": "b.tex", "orientation": "landscape"}]}'
    files = {"a.tex": MAIN % "\\input{b}", "b.tex": "y", "00README.json": said}
    assert Project({name: text.encode() for name, text in files.items()}).mains() == ["a.tex"]


@pytest.mark.parametrize("name", ["paper", "draft.txt", "hep-th9901001", "text.inc"])
def test_without_a_name_of_tex_the_file_that_begins_a_document_is_the_paper(name: str) -> None:
    files = {name: (MAIN % "Words.").encode(), "notes.txt": b"words", "x.sty": b"\\documentclass{y}"}
    assert Project(files).mains() == [name]
    assert Project({"Makefile": b"all:", "my.sty": b"\\magnification=1200"}).mains() == []


def test_00readme_can_ignore_a_file() -> None:
    files = {"a.tex": MAIN % "x", "b.tex": MAIN % "y", "00README.XXX": "a.tex ignore\n"}
    assert Project({name: text.encode() for name, text in files.items()}).mains() == ["b.tex"]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"sources": 5}', '{"sources": [5]}', "[" * 100_000])
def test_a_broken_00readme_is_passed_over(broken: str) -> None:
    files = {"a.tex": MAIN % "x", "b.tex": "y", "00README.json": broken}
    assert Project({name: text.encode() for name, text in files.items()}).mains() == ["a.tex"]


def test_plain_tex_and_auto_ignore() -> None:
    assert project(a_tex="\\magnification=1200 x \\bye", b_tex="y").mains() == ["a.tex"]
    assert project(a_tex="%auto-ignore\n" + MAIN % "x", b_tex=MAIN % "y").mains() == ["b.tex"]


def read(found: Project, main: str) -> str:
    text = found.decoded(main)
    engine = Engine(len(text), found.reading(main.rpartition("/")[0]), package=found.package(main.rpartition("/")[0]))
    engine.read(text, file=main)
    return engine.out.text()


@pytest.mark.parametrize(
    "command",
    [
        "\\input{sec/one}", '\\input "sec/one"', "\\input{sec/one.tex}", "\\input sec/one.tex ", "\\include{sec/one}",
        "\\subfile{sec/one}",
        "\\import{sec/}{one}", "\\subimport*{sec/}{one}",
        "\\subimport{sec}{one.tex}", "\\input{./sec/one}", "\\InputIfFileExists{sec/one}{}{}",
    ],
)  # fmt: skip
def test_files_are_put_in_place(command: str) -> None:
    flat = project(main_tex=f"A {command}B", sec__one_tex="inner % comment\n")
    assert read(flat, "main.tex").split() == ["A", "inner", "B"]


def test_an_imported_file_reads_from_its_own_folder() -> None:
    flat = project(main_tex="\\import{sec/}{one}", sec__one_tex="1 \\input{two}", sec__two_tex="2")
    assert read(flat, "main.tex").split() == ["1", "2"]


def test_commands_in_comments_and_verbatim_are_not_followed() -> None:
    flat = project(a_tex="% \\input{b}\n\\verb|\\input{b}|", b_tex="inner")
    assert read(flat, "a.tex") == "\\verb|\\input{b}|"


def test_endinput_ends_a_file() -> None:
    assert read(project(a_tex="\\input{b} after", b_tex="in\\endinput out\nunseen"), "a.tex") == "in out after"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "~/x", "C:/x", "sec/../../x"])
def test_paths_that_lead_out_are_refused(target: str) -> None:
    flat = project(a_tex=f"x \\input{{{target}}} y", passwd_tex="secret", x_tex="secret")
    assert read(flat, "a.tex") == f"x \\input{{{target}}} y"
    assert flat.refused == [target]


def test_a_path_that_climbs_but_stays_inside_is_followed() -> None:
    flat = project(sec__a_tex="\\input{../b}", b_tex="inner")
    assert read(flat, "sec/a.tex") == "inner\n"


def test_a_missing_file_leaves_its_command() -> None:
    flat = project(a_tex="x \\input{gone} y")
    assert read(flat, "a.tex") == "x \\input{gone} y"
    assert flat.missing == ["gone"]


def test_files_that_read_each_other_end() -> None:
    flat = project(a_tex="1 \\input{b}", b_tex="2 \\input{a}")
    assert read(flat, "a.tex").split() == ["1", "2", "\\input{a}"]
    assert read(project(a_tex="x\\input{a}"), "a.tex") == "x\\input{a}"


def test_files_that_double_end_as_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_module, "LONGEST_PAPER", 20_000)
    for content in ("x", ""):
        files = {f"f{i}.tex": f"{content}\\input{{f{i + 1}}}\\input{{f{i + 1}}}".encode() * 4 for i in range(14)}
        with pytest.raises(TooLong):
            read(Project(files | {"f14.tex": b""}), "f0.tex")


def test_a_papers_own_packages_are_found_and_those_of_distributions_are_not() -> None:
    mine = "\\newcommand{\\R}{R}"
    generated = "%% This is file `other.sty', generated with the docstrip utility.\n" + mine
    found = project(a_tex="x", mine_sty=mine, amsmath_sty=mine, other_sty=generated)
    assert found.package("")("mine") == mine
    assert found.package("")("amsmath") is found.package("")("other") is found.package("")("gone") is None


@pytest.mark.parametrize("name", ["Intro", "my intro", '"my intro"', "INTRO.TEX"])
def test_names_are_found_in_other_cases_and_with_spaces(name: str) -> None:
    files = {"intro.tex": b"here", "my intro.tex": b"here"}
    assert read(Project({"a.tex": f"\\input{{{name}}}".encode(), **files}), "a.tex").strip() == "here"


def test_a_paper_whose_begin_and_end_are_files_is_the_file_that_reads_them() -> None:
    parts = {"pre_tex": "\\documentclass{a}\\begin{document}", "mid_tex": "Words.", "post_tex": "\\end{document}"}
    assert project(top_tex="\\input{pre}\\input{mid}\\input{post}", **parts).mains() == ["top.tex"]
    assert project(top_tex="\\input{pre}", other_tex="\\input{pre}", **parts).mains() == ["pre.tex"]


def test_the_main_file_is_the_one_that_begins_the_document_wherever_its_class_stands() -> None:
    assert project(
        paper_tex="\\input{header}\\begin{document}x\\end{document}", header_tex="\\documentclass{a}"
    ).mains() == ["paper.tex"]


@pytest.mark.parametrize(
    ("main", "files"),
    [
        ("a/main.tex", {"a/mine.sty": "\\def\\own{Own}"}),
        ("a/main.tex", {"mine.sty": "\\def\\own{Own}"}),
        ("main.tex", {"inc/mine.sty": "\\def\\own{Own}"}),
    ],
)
def test_a_style_lies_beside_the_paper_or_where_it_says(main: str, files: dict[str, str]) -> None:
    source = (
        "\\makeatletter\\def\\input@path{{inc/}}\\makeatother\\usepackage{mine}\\begin{document}\\own\\end{document}"
    )
    found = Project({name: text.encode() for name, text in {**files, main: source}.items()})
    assert read(found, main).endswith("Own")
