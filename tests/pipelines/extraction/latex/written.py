"""What the engine makes of a text, for the tests of its rooms."""

from pipelines.extraction.latex.engine import Engine
from pipelines.extraction.latex.paper import Paper, paper_text
from pipelines.extraction.latex.project import standard_commands


def engine_of(text: str, files: dict[str, str] | None = None) -> Engine:
    """An engine that has read a text; `files` are found under the names that the text gives them."""

    def find(name: str, here: str, folder: str | None) -> tuple[str, str] | None:
        return (name, files[name]) if files and name in files else None

    engine = Engine(len(text), find, package=(files or {}).get, known=standard_commands())
    engine.read(text, file="main.tex")
    return engine


def written(text: str, files: dict[str, str] | None = None) -> str:
    """A text with its macros written out."""
    return engine_of(text, files).out.text()


def body_of(files: dict[str, str]) -> str:
    """The text of a submission, whose `main.tex` gets a class and a document unless it has one."""
    main = files["main.tex"]
    if "\\begin{document}" not in main:
        main = f"\\documentclass{{article}}\n\\begin{{document}}\n{main}\n\\end{{document}}\n"
    paper = paper_text({name: text.encode() for name, text in {**files, "main.tex": main}.items()})
    assert isinstance(paper, Paper)
    return paper.text
