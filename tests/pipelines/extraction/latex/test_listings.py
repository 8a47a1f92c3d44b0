r"""Of a listing TeX reads formulas, escapes and coloured words where the paper says so, and nothing elsewhere."""

import pytest

from tests.pipelines.extraction.latex.written import body_of, written

SENT = "\\newcommand{\\sent}[2]{s_{#1}(#2)}"


@pytest.mark.parametrize(
    ("settings", "begin"),
    [
        ("\\lstset{language=C,mathescape=true}", "\\begin{lstlisting}"),
        ("\\lstset{mathescape}", "\\begin{lstlisting}[language=C]"),
        ("\\lstdefinestyle{x}{mathescape}", "\\begin{lstlisting}[style=x]"),
        ("\\lstdefinelanguage{x}[]{C}{mathescape}", "\\begin{lstlisting}[language=x]"),
        ("\\setminted{mathescape=true}", "\\begin{minted}{c}"),
        ("", "\\begin{minted}[mathescape]{c}"),
        ("\\lstnewenvironment{code}{\\lstset{mathescape}}{}", "\\begin{code}"),
    ],
)
def test_formulas_of_a_listing_are_written_out_where_they_are_formulas(settings: str, begin: str) -> None:
    end = "\\end" + begin.removeprefix("\\begin").partition("}")[0] + "}"
    text = written(f"{SENT}{settings}{begin}\nif $\\sent ab$ % no remark \\sent\n{end}")
    assert "\nif $s_{a}(b)$ % no remark \\sent\n" in text


@pytest.mark.parametrize("begin", ["\\begin{lstlisting}", "\\begin{lstlisting}[mathescape=false]", "\\begin{verbatim}"])
def test_dollars_of_other_listings_are_characters(begin: str) -> None:
    end = "\\end" + begin.removeprefix("\\begin").partition("}")[0] + "}"
    assert "\nif $\\sent ab$\n" in written(f"{SENT}{begin}\nif $\\sent ab$\n{end}")


@pytest.mark.parametrize(
    ("option", "first", "last"),
    [
        ("escapeinside={(*}{*)}", "(*", "*)"),
        ("escapeinside={\\%*}{*)}", "%*", "*)"),
        ("escapeinside=||", "|", "|"),
        ("escapechar=@", "@", "@"),
        ("escapechar=\\!", "!", "!"),
    ],
)
def test_what_stands_between_the_marks_of_a_listing_is_read(option: str, first: str, last: str) -> None:
    listing = f"\\begin{{lstlisting}}[{option}]\nx {first}$\\sent ab${last} y $\\sent ab$\n\\end{{lstlisting}}"
    assert "\nx $s_{a}(b)$ y $\\sent ab$\n" in written(f"{SENT}{listing}")


def test_marks_of_one_listing_are_characters_in_the_next() -> None:
    text = written(
        "\\begin{lstlisting}[escapechar=!]\n!a!\n\\end{lstlisting}\\begin{lstlisting}\n!b!\n\\end{lstlisting}"
    )
    assert "\na\n" in text
    assert "\n!b!\n" in text


def test_a_coloured_program_stands_without_its_colours() -> None:
    declared = (
        "\\newcommand{\\KeywordTok}[1]{\\textcolor{blue}{#1}}"
        "\\DefineVerbatimEnvironment{Highlighting}{Verbatim}{commandchars=\\\\\\{\\}}"
    )
    code = "\\KeywordTok{if}\\NormalTok{ (a \\textless{} b) \\{ x\\_1 \\}} \\textbackslash{}n % d"
    text = written(f"{declared}\\begin{{Highlighting}}[]\n{code}\n\\end{{Highlighting}}")
    assert "\nif (a < b) { x_1 } \\n % d\n" in text


def test_a_program_as_pygments_writes_it_stands_without_its_classes() -> None:
    code = "\\PY{k}{def} \\PY{n+nf}{f}\\PY{p}{(}\\PY{n}{x\\PYZus{}1}\\PY{p}{)}\\PY{p}{:} \\PY{c+c1}{\\PYZsh{} s}"
    text = written(f"\\begin{{Verbatim}}[commandchars=\\\\\\{{\\}},numbers=left]\n{code}\n\\end{{Verbatim}}")
    assert text == "\\begin{Verbatim}[numbers=left]\ndef f(x_1): # s\n\\end{Verbatim}"


def test_alltt_reads_the_commands_of_the_paper_and_no_remarks() -> None:
    text = written("\\newcommand{\\kw}[1]{\\textbf{#1}}\\begin{alltt}\n\\kw{if} a % b $\n\\end{alltt}")
    assert "\n\\textbf{if} a % b $\n" in text


def test_settings_of_listings_are_no_text() -> None:
    assert written("A\n\\lstset{basicstyle=\\small}\n\\fvset{fontsize=\\small}\nB") == "A\nB"


@pytest.mark.parametrize(
    ("command", "begin"),
    [
        ("\\lstinputlisting{code/f.py}", "\\begin{lstlisting}\n"),
        ("\\lstinputlisting[language=Python, firstline=1]{code/f.py}", "\\begin{lstlisting}[language=Python]\n"),
        ("\\verbatiminput{code/f.py}", "\\begin{verbatim}\n"),
        ("\\VerbatimInput[fontsize=\\small]{code/f.py}", "\\begin{Verbatim}[fontsize=\\small]\n"),
        ("\\inputminted{python}{code/f.py}", "\\begin{minted}{python}\n"),
        ("\\newmintedfile[show]{python}{}\\show{code/f.py}", "\\begin{minted}{python}\n"),
        ("\\def\\d{code}\\lstinputlisting{\\d/f.py}", "\\begin{lstlisting}\n"),
    ],
)
def test_a_file_that_a_paper_prints_stands_in_its_text(command: str, begin: str) -> None:
    text = body_of({"main.tex": f"A {command} B", "code/f.py": "x = 1 % 2\ny = '\\foo'\n"})
    assert f"{begin}x = 1 % 2\ny = '\\foo'\n\\end{{" in text


def test_of_a_file_only_the_lines_are_printed_that_are_asked_for() -> None:
    text = body_of({"main.tex": "\\lstinputlisting[firstline=2,lastline=3]{f.c}", "f.c": "a;\nb;\nc;\nd;\n"})
    assert text == "\\begin{lstlisting}\nb;\nc;\n\\end{lstlisting}"


def test_a_file_that_is_not_there_stays_named() -> None:
    assert body_of({"main.tex": "A \\lstinputlisting{f.c} B"}) == "A \\lstinputlisting{f.c} B"
    asked = "A \\lstinputlisting[language=C,% a remark\n numbers=left]{f.c} B"
    assert body_of({"main.tex": asked}) == "A \\lstinputlisting[language=C,numbers=left]{f.c} B"


@pytest.mark.parametrize("option", ["linerange=2-3", "linerange={2-3}", "linerange=from-to,% where\nlanguage=C"])
def test_a_range_of_lines_is_told_by_numbers_or_by_marks(option: str) -> None:
    code = "a;\nb;\nc;\nd;\n" if "2" in option else "a;\n# from\nb;\nc;\n# to\nd;\n"
    assert "]\nb;\nc;\n\\end" in body_of({"main.tex": f"\\lstinputlisting[{option}]{{f.c}}", "f.c": code})
