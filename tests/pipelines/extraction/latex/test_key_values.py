r"""Keys of the author's own, by keyval, xkeyval and pgfkeys: a setting does what its key was defined to do."""

import pytest

from pipelines.extraction.latex.key_values import pairs
from tests.pipelines.extraction.latex.written import written

BOX = (
    "\\makeatletter\\define@key{box}{name}{\\def\\box@name{#1}}\\define@key{box}{on}[yes]{\\def\\box@on{#1}}"
    "\\newcommand{\\thing}[1][]{\\setkeys{box}{name=N,on=no,#1}\\box@name/\\box@on}\\makeatother"
)
F = (
    "\\pgfkeys{/f/.is family, /f, a/.store in=\\fa, b/.code={\\def\\fb{<#1>}}, b/.default=dd}"
    "\\newcommand{\\x}[1][]{\\pgfkeys{/f,#1}\\fa\\fb}\\pgfkeys{/f/b}"
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", []),
        (" a , b = 1,,", [("a", None), ("b", "1")]),
        ("a={x, y=z}, b", [("a", "x, y=z"), ("b", None)]),
        ("a={x}{y}", [("a", "{x}{y}")]),
        ("a=b=c", [("a", "b=c")]),
        ("a={x", [("a", "{x")]),
        ("=1, a=2", [("a", "2")]),
    ],
)
def test_a_list_of_keys_is_parted_outside_of_braces(said: str, found: list[tuple[str, str | None]]) -> None:
    assert list(pairs(said)) == found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (BOX + " A \\thing[] B", " A N/no B"),
        (BOX + "\\thing[name=X] B", "X/no B"),
        (BOX + "\\thing[on,name={a,b}] B", "a,b/yes B"),
        (BOX + "{\\makeatletter\\setkeys{box}{name=I}\\box@name} \\thing[] B", "{I} N/no B"),
        (F + " \\x[a=1] B", " 1<dd> B"),
        (F + " \\x[b=2,a={p,q}] B", " p,q<2> B"),
        (
            (
                "\\pgfkeys{/f/.cd, k/.initial=v}\\newcommand{\\y}[1]{\\pgfkeys{/f/k=#1}\\pgfkeysvalueof{/f/k}}"
                "\\pgfkeysvalueof{/f/k} \\y{w}."
            ),
            "v w.",
        ),
        ("\\pgfkeys{/f/.is family}a\\pgfkeys{/f}b", "ab"),
        ("\\pgfkeyssetvalue{/f/k}{v}\\pgfkeysgetvalue{/f/k}{\\z}[\\z]", "[v]"),
        ("\\pgfkeys{/f/.cd, k/.code={(#1)}, two/.style={k=#1,k=b}, two=a}", "(a)(b)"),
        (
            (
                "\\newif\\ifdraft\\pgfkeys{/g/draft/.is if=draft}\\pgfkeys{/g/draft}\\ifdraft D\\else F\\fi "
                "\\pgfkeys{/g/draft=false}\\ifdraft D\\else F\\fi"
            ),
            "DF",
        ),
        (
            (
                "\\makeatletter\\define@boolkey{m}{long}{}\\define@cmdkey{m}{who}[me]{}\\setkeys{m}{long,who=you}"
                "\\ifKV@m@long L\\else S\\fi\\cmdKV@m@who"
            ),
            "Lyou",
        ),
    ],
)
def test_a_setting_does_what_its_key_does(text: str, wanted: str) -> None:
    assert written(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "A \\pgfkeys{/pgf/number format/precision=2} B",
        "A \\pgfkeys{/tikz/my style/.style={red}} B",
        "A \\setkeys{Gin}{width=3cm} B",
        "A \\pgfkeysvalueof{/tikz/x} B",
        "A \\pgfkeyssetvalue{/pgfplots/x}{1} B",
    ],
)
def test_keys_of_distributions_stay(text: str) -> None:
    assert written(text) == text


def test_what_stays_is_read_as_ever() -> None:
    assert written("\\newcommand{\\w}{3cm}\\setkeys{Gin}{width=\\w}") == "\\setkeys{Gin}{width=3cm}"


def test_a_style_of_the_authors_may_define_keys() -> None:
    style = "\\define@key{q}{by}{\\def\\q@by{#1}}\\newcommand{\\quoted}[2][by=?]{\\setkeys{q}{#1}``#2'' (\\q@by)}"
    text = "\\usepackage{mine}\\quoted[by=Ann]{Yes} and \\quoted{No}."
    assert written(text, {"mine": style}) == "``Yes'' (Ann) and ``No'' (?)."
