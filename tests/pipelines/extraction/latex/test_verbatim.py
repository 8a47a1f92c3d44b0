r"""Text that TeX does not read keeps every character, also in what a paper declares by itself."""

import pytest

from tests.pipelines.extraction.latex.written import written

CODE = "\nx % 3 \\foo{\n"


@pytest.mark.parametrize(
    ("declared", "begin"),
    [
        ("", "\\begin{verbatim}"),
        ("", "\\begin{BVerbatim}"),
        ("", "\\begin{pyverbatim}"),
        ("", "\\begin{Piton}"),
        ("\\usepackage{moreverb}", "\\begin{listing}{1}"),
        ("\\lstnewenvironment{code}[2][]{\\lstset{#1}}{}", "\\begin{code}[a]{b}"),
        ("\\DefineVerbatimEnvironment{code}{Verbatim}{fontsize=\\small}", "\\begin{code}[a=b]"),
        ("\\newminted[code]{python}{}", "\\begin{code}"),
        ("\\newtcblisting{code}[1][]{listing only,#1}", "\\begin{code}[a]"),
        ("\\newtcblisting[auto counter]{code}{}", "\\begin{code}"),
        ("\\NewTCBListing{code}{ O{} m }{title=#2}", "\\begin{code}{T}"),
        ("\\newenvironment{code}{\\verbatim}{\\endverbatim}", "\\begin{code}"),
        ("\\newenvironment{code}{\\small\\begin{verbatim}}{\\end{verbatim}}", "\\begin{code}"),
        ("\\newenvironment{code}[1]{\\VerbatimEnvironment\\begin{minted}[#1]{c}}{\\end{minted}}", "\\begin{code}{x}"),
        ("\\let\\code\\verbatim\\let\\endcode\\endverbatim", "\\begin{code}"),
    ],
)
def test_an_environment_of_verbatim_text_keeps_every_character(declared: str, begin: str) -> None:
    end = "\\end" + begin.removeprefix("\\begin").partition("}")[0] + "}"
    text = written(f"{declared}{begin}{CODE}{end} % gone")
    assert CODE in text
    assert "gone" not in text
    assert "{code}" not in text


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("", "\\verb|a % b|"),
        ("", "\\verb*!a % b!"),
        ("", "\\lstinline{a % {b}}"),
        ("", "\\lstinline[language=C]!a % b!"),
        ("", "\\mintinline{python}{a % {b}}"),
        ("", "\\mintinline[x]{c}|a % b|"),
        ("", "\\url{http://a.b/c%20d#e}"),
        ("", "\\path+a%b+"),
        ("", "\\piton|a % b|"),
        ("", "\\mint[x]{c}|a % b;|"),
        ("", "\\href{http://a.b/%7Ex}{page}"),
    ],
)
def test_inline_verbatim_text_keeps_every_character(declared: str, used: str) -> None:
    assert written(f"{declared}{used} and $x$ % gone") == f"{used} and $x$ "


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\newcommand{\\code}{\\lstinline}\\code|a % b| \\code{c % d}", "\\lstinline|a % b| \\lstinline{c % d}"),
        ("\\let\\code\\verb\\code|a % b|", "\\verb|a % b|"),
        ("\\newcommand{\\code}{\\lstinline[language=C]}\\code|a % b|", "\\lstinline[language=C]|a % b|"),
        ("\\MakeShortVerb{\\|}|a%b$| % gone", "\\verb|a%b$| "),
        ("\\MakeShortVerb*{\\|}|a%b$|", "\\verb*|a%b$|"),
        ("\\DefineShortVerb{\\|}|a%b$|", "\\verb|a%b$|"),
        ("\\lstMakeShortInline[columns=fixed]@@a%b$@", "\\lstinline@a%b$@"),
        ("\\newmint{python}{}\\python|a % b|", "\\lstinline|a % b|"),
        ("\\newmintinline{c}{}\\cinline{a % b}", "\\lstinline{a % b}"),
        ("\\newmintinline[py]{python}{}\\py|a % b|", "\\lstinline|a % b|"),
        ("\\urldef\\home\\url{http://a/%7Eb}see \\home.", "see \\url{http://a/%7Eb}."),
        ("\\urldef{\\mail}\\path|me%x@y.org|\\mail", "\\path|me%x@y.org|"),
        ("\\CustomVerbatimCommand{\\code}{Verb}{}\\code|a%b|", "\\Verb|a%b|"),
        ("\\DeclareUrlCommand\\file{\\urlstyle{tt}}\\file{a%b_c}", "\\path{a%b_c}"),
        ("\\NewDocumentCommand{\\code}{v}{\\texttt{#1}}\\code|a{b|", "\\texttt{a{b}"),
        ("{\\tt\\string\\newpage} \\string natbib", "{\\tt\\string\\newpage} \\string natbib"),
        ("\\def\\code#1{\\texttt{\\detokenize{#1}}}\\code{a_b}", "\\texttt{a_b}"),
    ],
)
def test_own_verbatim_commands_are_written_out(text: str, shown: str) -> None:
    assert written(text) == shown


def test_a_short_mark_can_be_given_up() -> None:
    text = "\\MakeShortVerb{\\|}\\def\\R{\\mathbb{R}}|\\R| \\DeleteShortVerb{\\|}$|\\R|$"
    assert written(text) == "\\verb|\\R| $|\\mathbb{R}|$"
