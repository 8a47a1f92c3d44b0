"""Small texts as they are met with: in what dress an item is found, and what says nothing however long it is."""

import pytest

from dedup.benchmarks import Item
from dedup.overlap import Overlap
from manifests.records import Hit

pytestmark = pytest.mark.kernel

PEARS = "A farmer sells seven crates of pears and keeps two crates. How many pears are left if a crate holds forty?"


def hits(problem: str, text: str) -> list[Hit]:
    """What is found of one item in a document that holds a text between two others."""
    document = f"Words before.\n\n{text}\n\nWords after."
    return list(Overlap([Item("b", "0", (("problem", problem),))], "exact").find([("d", document)]))


WHOLE = [
    (
        "nb-hyphen",
        "Find the sum of all two-digit multiples of seventeen below ninety.",
        "Find the sum of all two‑digit multiples of seventeen below ninety.",
    ),
    ("fullwidth", "Compute 17 + 23 times 59 and round it.", "Ｃompute １７ + ２３ times ５９ and round it."),
    ("bold-digits", "Compute 17 + 23 times 59 and round it.", "Compute 𝟏𝟕 + 𝟐𝟑 times 𝟓𝟗 and round it."),
    (
        "overline",
        r"Find the length of $\overline{AB}$ when $\vec{v}$ is doubled twice.",
        r"Find the length of $\bar{AB}$ when $\mathbf{v}$ is doubled twice.",
    ),
    (
        "units",
        "A pole of 5 cm casts a shadow of 12 cm on the lawn; how long is it?",
        r"A pole of $5~\mathrm{cm}$ casts a shadow of $12\,\text{cm}$ on the lawn; how long is it?",
    ),
    ("cube-root", r"Simplify $\sqrt[3]{64} + \sqrt{81}$ to an integer.", "Simplify ∛64 + √81 to an integer."),
    (
        "norm",
        r"Suppose $\|v\| = 3$ and $|w| \ge 4$; bound their product.",
        r"Suppose ‖v‖ = 3 and \lvert w\rvert ⩾ 4; bound their product.",
    ),
    ("power", "Solve $x^2 + y^{10} = 65$ over positive integers.", "Solve x**2 + y**10 = 65 over positive integers."),
    (
        "sup-tag",
        "Solve $x^2 + y^{10} = 65$ over positive integers.",
        "Solve <i>x</i><sup>2</sup> + <i>y</i><sup>10</sup> = 65 over positive integers.",
    ),
    (
        "mathml",
        "Solve $x^2 + 1 = 65$ over positive integers.",
        (
            "Solve <math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mn>1</mn><mo>=</mo><mn>65</mn></math> over "
            "positive integers."
        ),
    ),
    (
        "double-backslash",
        r"If $f(x)=\frac{x+2}{x-5}$ and $g(x)=\sqrt{x+1}$, find the value of $f(g(8))$ in lowest terms.",
        r"If $f(x)=\\frac{x+2}{x-5}$ and $g(x)=\\sqrt{x+1}$, find the value of $f(g(8))$ in lowest terms.",
    ),
    (
        "quad-backslash",
        r"If $f(x)=\frac{x+2}{x-5}$ and $g(x)=\sqrt{x+1}$, find the value of $f(g(8))$ in lowest terms.",
        r"If $f(x)=\\\\frac{x+2}{x-5}$ and $g(x)=\\\\sqrt{x+1}$, find the value of $f(g(8))$ in lowest terms.",
    ),
    (
        "json-newline",
        PEARS,
        r"A farmer sells seven crates of pears and keeps two crates.\nHow many pears are left if a crate holds forty?",
    ),
    (
        "json-newline2",
        r"If $f(x)=\frac{x+2}{x-5}$ and $g(x)=\sqrt{x+1}$, find the value of $f(g(8))$ in lowest terms.",
        r"If $f(x)=\frac{x+2}{x-5}$ and $g(x)=\sqrt{x+1}$,\nfind the value of $f(g(8))$ in lowest terms.",
    ),
    (
        "json-tab",
        PEARS,
        r"A farmer sells seven crates of pears and keeps two crates.\tHow many pears are left if a crate holds forty?",
    ),
    (
        "percent",
        r"A price of \$80 falls by 25\% and then rises by 10\%; what is it?",
        "A price of $80 falls by 25% and then rises by 10%; what is it?",
    ),
    (
        "twice-entities",
        "If 3 < x < 7 & y > 2, how large can the product be?",
        "If 3 &amp;lt; x &amp;lt; 7 &amp;amp; y &amp;gt; 2, how large can the product be?",
    ),
    (
        "url-plus",
        PEARS,
        "A+farmer+sells+seven+crates+of+pears+and+keeps+two+crates.+How+many+pears+are+left+if+a+crate+holds+forty?",
    ),
    (
        "quote-prefix",
        PEARS,
        (
            "> A farmer sells seven\n> crates of pears and keeps\n> two crates. How many pears\n> are left if a "
            "crate\n> holds forty?"
        ),
    ),
    (
        "comment-hash",
        PEARS,
        (
            "# A farmer sells seven\n# crates of pears and keeps\n# two crates. How many pears\n# are left if a "
            "crate\n# holds forty?"
        ),
    ),
    (
        "comment-tex",
        PEARS,
        (
            "% A farmer sells seven\n% crates of pears and keeps\n% two crates. How many pears\n% are left if a "
            "crate\n% holds forty?"
        ),
    ),
    (
        "comment-c",
        PEARS,
        (
            " * A farmer sells seven\n * crates of pears and keeps\n * two crates. How many pears\n * are left "
            "if a crate\n * holds forty?"
        ),
    ),
    (
        "string-pieces",
        PEARS,
        (
            '"A farmer sells seven "\n"crates of pears and keeps "\n"two crates. How many pears "\n"are left if '
            'a crate holds forty?"'
        ),
    ),
    (
        "tex-dress",
        PEARS,
        (
            r"A \textbf{farmer} sells {\it seven} crates of \emph{pears} and~keeps two crates. \underline{How "
            r"many} pears are left if a crate holds forty?"
        ),
    ),
    (
        "thousands",
        "A tank of 12,500 litres loses 1,350 litres an hour; when is it empty?",
        "A tank of 12\u202f500 litres loses 1\xa0350 litres an hour; when is it empty?",
    ),
    (
        "camel-space",
        PEARS,
        (
            "A  \nfarmer  \nsells  \nseven  \ncrates  \nof  \npears  \nand  \nkeeps  \ntwo  \ncrates.  \nHow  "
            "\nmany  \npears  \nare  \nleft  \nif  \na  \ncrate  \nholds  \nforty?"
        ),
    ),
    (
        "no-spaces-latex",
        r"Find all $x$ with $\sin x = \cos 2x$ and $0 < x < \pi$ in the upper plane.",
        r"Find all \(x\) with \(\sin x=\cos 2x\) and \(0<x<π\) in the upper plane.",
    ),
    (
        "options-lines",
        "Which of these numbers is divisible by eleven and by nine?",
        "Which of these numbers is divisible by eleven and by nine?\n(A) 99 (B) 88\n(C) 77",
    ),
    (
        "aligned",
        r"\begin{align*} 2x + 3y &= 17, \\ 5x - y &= 11 \end{align*} Find $x + y$ for this system.",
        r"$$\begin{cases} 2x+3y=17 \\ 5x-y=11 \end{cases}$$ Find x + y for this system.",
    ),
]
"""Name, item, text: every word of the item is there, in another notation."""

FOUND = [
    (
        "wiki",
        PEARS,
        (
            "A '''farmer''' sells [[seven]] crates of [[pear|pears]] and keeps two crates. How many pears are "
            "left if a crate holds {{nowrap|forty}}?"
        ),
    ),
    (
        "line-numbers",
        PEARS,
        (
            "1 A farmer sells seven\n2 crates of pears and keeps\n3 two crates. How many pears\n4 are left if a "
            "crate\n5 holds forty?"
        ),
    ),
    (
        "chat",
        PEARS,
        (
            "<|im_start|>user\nA farmer sells seven crates of pears and keeps two crates. "
            "<|im_end|>\n<|im_start|>user\nHow many pears are left if a crate holds forty?<|im_end|>"
        ),
    ),
    (
        "footnote",
        PEARS,
        (
            "A farmer sells seven crates of pears[1] and keeps two crates.<sup>2</sup> How many pears are left "
            "if a crate holds forty?"
        ),
    ),
    (
        "thin-entities",
        "A tank of 12 500 litres loses 350 litres an hour; when is it empty?",
        "A tank of 12&thinsp;500 litres loses 350&nbsp;litres an&#8201;hour; when is it empty?",
    ),
    (
        "digits-for-words",
        PEARS,
        "A farmer sells 7 crates of pears and keeps 2 crates. How many pears are left if a crate holds 40?",
    ),
    (
        "words-for-digits",
        "Tom buys 3 packs of 12 pencils and gives 5 pencils to his sister. How many pencils does he keep?",
        "Tom buys three packs of twelve pencils and gives five pencils to his sister. How many pencils does he keep?",
    ),
    (
        "names",
        (
            "Greta lent marbles to 54 of her cousins in June and to a third as many in autumn. How many marbles "
            "did Greta lend over the whole year?"
        ),
        (
            "Paula lent marbles to 54 of her cousins in June and to a third as many in autumn. How many marbles "
            "did Paula lend over the whole year?"
        ),
    ),
    (
        "homoglyph",
        PEARS,
        "A fаrmer sells seven crаtes of peаrs and keeps two crates. How many pears are left if a crate holds forty?",
    ),
    (
        "letters-apart",
        PEARS,
        (
            "A f a r m e r sells seven crates of pears and keeps two crates. How many pears are left if a crate "
            "holds forty?"
        ),
    ),
]
"""Something stands between the words, or stands for some of them."""

NOTHING = [
    (
        "counting-words",
        (
            "Name all of one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve that are "
            "primes of the second kind."
        ),
        "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve",
    ),
    (
        "alphabet",
        "The letters a, b, c, d, e, f, g, h, i, j, k, l, m, n stand for digits; find the sum of the vowels.",
        "a b c d e f g h i j k l m n o p q",
    ),
    (
        "fibonacci",
        "The numbers 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89 are cut in two; which cut is the fairest?",
        "1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144",
    ),
    (
        "primes",
        "Of the primes 2, 3, 5, 7, 11, 13, 17, 19, 23, 29 Ann takes three; what is the median of hers?",
        "The first primes are 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31.",
    ),
    (
        "times-table",
        "In the table 1 2 3 4 2 4 6 8 3 6 9 12 4 8 12 16 one entry is wrong by a half; which is likeliest?",
        "1 2 3 4\n2 4 6 8\n3 6 9 12\n4 8 12 16",
    ),
    (
        "timetable",
        "Buses leave at 10:00, 10:30, 11:00, 11:30, 12:00, 12:30, 13:00; Ann misses three; when does she go?",
        "10:00, 10:30, 11:00, 11:30, 12:00, 12:30, 13:00, 13:30",
    ),
    (
        "quadratic",
        (
            r"Use $x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$ to say for which $k$ the roots of the curve in the "
            r"figure are equal."
        ),
        r"The roots are $x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$.",
    ),
    (
        "let-n",
        (
            "Let $n$ be a positive integer such that the sum of its digits is a cube; find the least such $n$ "
            "beyond ninety."
        ),
        "Let $n$ be a positive integer such that the claim holds.",
    ),
    (
        "answer-form",
        "A hat holds nine tags and Bo draws two. What are the odds? Express your answer as a common fraction.",
        "Express your answer as a common fraction.",
    ),
    (
        "asy-lines",
        (
            "What is the shaded part? [asy] unitsize(1 cm); draw((0,0)--(1,0)--(1,1)--(0,1)--cycle); "
            "fill((0,0)--(1,1)--(0,1)--cycle); [/asy]"
        ),
        "[asy] unitsize(1 cm); draw((0,0)--(1,0)--(1,1)--(0,1)--cycle); [/asy] A unit square.",
    ),
    (
        "binomial",
        (
            r"Use $(a+b)^n = \sum_{k=0}^n \binom{n}{k} a^{n-k} b^k$ to find the coefficient that Pia wants in the "
            r"ninth row of her list."
        ),
        r"We have $(a+b)^n = \sum_{k=0}^n \binom{n}{k} a^{n-k} b^k$ for all $n$.",
    ),
]
"""What both have says nothing of the item."""


@pytest.mark.parametrize(("name", "problem", "text"), WHOLE)
def test_an_item_in_another_dress_is_whole(name: str, problem: str, text: str) -> None:
    assert any(hit.counted and hit.score == 1 and hit.method == "exact" for hit in hits(problem, text)), name


@pytest.mark.parametrize(("name", "problem", "text"), FOUND)
def test_an_item_with_something_in_it_counts(name: str, problem: str, text: str) -> None:
    assert any(hit.counted for hit in hits(problem, text)), name


@pytest.mark.parametrize(("name", "problem", "text"), NOTHING)
def test_what_anyone_writes_is_no_hit(name: str, problem: str, text: str) -> None:
    assert not hits(problem, text), name
