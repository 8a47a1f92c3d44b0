"""One text in many notations reads as the same words; what is no notation is left alone."""

import pytest

from dedup.overlap.words import words_of_text

pytestmark = pytest.mark.kernel

SAME = [
    # LaTeX for LaTeX
    (r"$\frac{3}{4}$", r"$\dfrac34$"),
    (r"$\tfrac{a}{b}$", r"${a \over b}$"),
    (r"$\binom{n}{k}$", r"$\dbinom{n}{k}$"),
    (r"$\binom{n}{k}$", r"${n \choose k}$"),
    (r"$a \le b$", r"$a \leqslant b$"),
    (r"$a \neq b$", r"\(a \ne b\)"),
    (r"$2 \cdot 3$", r"$$2 \times 3$$"),
    (r"$\left(x\right)$", r"$\bigl( x \bigr)$"),
    (r"$\text{if } x$", r"$\mbox{if } x$"),
    (r"$\mathbb{R}$", r"$\mathrm R$"),
    (r"$x \pmod{7}$", r"$x \bmod 7$"),
    (r"$1{,}000$", "1000"),
    (r"$1,\!000$", "1,000"),
    (r"$1\,000$", "1000"),
    (r"\begin{align*} x &= 2 \end{align*}", r"\[ x = 2 \]"),
    (r"\begin{array}{c|c} a & b \end{array}", "a b"),
    (r"$\ell$", "$l$"),
    (r"Poincar\'e", "Poincaré"),
    (r"H\"{o}lder", "Hölder"),
    (r"H\"older", "Hölder"),
    (r"\v{s}kola", "škola"),
    (r"\c{c}a", "ça"),
    (r"60^\circ", "60°"),
    (r"2\alpha", "2α"),
    (r"\varepsilon", r"\epsilon"),
    # characters
    ("x^2", "x²"),
    ("x^{10}", "x¹⁰"),
    ("a_{12}", "a₁₂"),
    ("x^n", "xⁿ"),
    ("x + y", "𝑥 + 𝑦"),
    ("ℝ", "R"),
    ("60º", "60°"),
    ("a ≤ b", r"a \leq b"),
    ("2x", r"2 \cdot x"),
    ("√2", r"\sqrt2"),
    ("1/2 of", "½ of"),
    (r"$\sqrt[3]{64} + \sqrt[4]{16}$", "∛64 + ∜16"),
    ("12,500 and 1,350,000", "12\u202f500 and 1\u00a0350\u2009000"),
    ("2/3", "⅔"),
    ("find", "ﬁnd"),
    ("coefficient", "coeﬃcient"),
    ("crates", "cra\u200btes"),
    ("crates", "cra\u00adtes"),
    ("crates", "cra\u2060tes\ufeff"),
    ("left right", "\u200eleft\u202c right"),
    ("perpendicular", "perpen-\ndicular"),
    ("perpendicular", "perpen-\r\n  dicular"),
    ("perpendicular", "perpen\u00ad\ndicular"),
    ("perpendicular", "perpen\u2010\n> dicular"),
    ("Janet's ducks", "Janet’s ducks"),
    ("crates", "cra\U000e0020tes"),
    ("GÖDEL", "Go\u0308del"),
    # pages
    ("3 < x & y", "3 &lt; x &amp; y"),
    ("3 ≤ x", "3 &le; x"),
    ("α", "&alpha;"),
    ("é", "&eacute;"),
    ("café", "caf&#233;"),
    ("x − 2", "x &#x2212; 2"),
    ("Anna's", "Anna&#39;s"),
    ("1,000 apples", "1&#44;000 apples"),
    ("3 < x", "3 &amp;lt; x"),
    ("1/2", "&frac12;"),
    ("crates", "cra&ZeroWidthSpace;tes"),
    ("crates", "cra<wbr>tes"),
    ("crates", "cra<WBR />tes"),
    ("two crates", "two&ThickSpace;crates"),
    ("3 < x", "3 &lt x"),
    ("x & y", "x &amp y"),
    ("two crates", "<b>two</b>&nbsp;<em class='x'>crates</em>"),
    ("x^2", "x<sup>2</sup>"),
    ("3/4", "<mfrac><mn>3</mn><mn>4</mn></mfrac>"),
    ("two crates", 'two <a href="https://example.org/page?x=1">crates</a>'),
    # Markdown
    ("two crates", "two [crates](https://example.org/crates_of_pears)"),
    ("two crates", "> two **crates**"),
    ("a_1 * b", r"a\_1 \* b"),
    (r"$x$", r"\\(x\\)"),
    (r"\frac{2}{3}", r"\frac 23"),
    ("(84, 126)", "(84,126)"),
    ("1,250 apples", "1250 apples"),
    # JSON
    ("find the sum", r"\nfind the sum"),
    ("The sum", r"\tThe sum"),
    ("one. The sum", r"one.\r\nThe sum"),
    ("one. The sum", r"one.\n\n The sum"),
    (r"\frac{1}{2}", r"\\frac{1}{2}"),
    ("Lukáš", r"Luk\u00e1\u0161"),
    ("x", r"\ud835\udc65"),
    ("Janet's", r"Janet\'s"),
    ("say yes", r"say \"yes\""),
    # Python
    ("Lukáš has 3", r"Luk\xe1\u0161\x20has\x203"),
    # pages and cards
    ("let $x > 2$", "let :math:`x > 2`"),
    ("let $x > 2$", "let {math}`x > 2`"),
    ("sails at 9:40", "sails at {{c1::9:40}}"),
    ("two trays of rolls", "two trays<!-- sic --> of <!-- see\nnote 3 -->rolls"),
    (r"$\int f(x) dx$", r"$\int f(x)\,\mathrm{d}x$"),
    ("a fair-minded judge", "a fair-\nminded judge"),
    # GSM8K
    ("so 16 - 3 = 13 eggs", "so 16 - 3 = <<16-3=13>>13 eggs"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_words(one, other):
    assert words_of_text(one) == words_of_text(other) != []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("if a <b and c> d", ["if", "a", "b", "and", "c", "d"]),
        ("AT&T; 3 &x", ["at", "t", "3", "x"]),
        ("(1, 200)", ["1", "200"]),
        ("1,2345 and 1,23", ["1", "2345", "and", "1", "23"]),
        ("f[x](y)", ["f", "x", "y"]),
        ("[two](/three", ["two", "three"]),
        ("two-digit", ["two", "digit"]),
        (r"x \u22125 y\u2264z 3\u00d74", ["x", "5", "y", "z", "3", "4"]),
        (r"\u00f8ab \u00e9ec", ["øab", "eec"]),
        (r"1a2b\u00633d4e", ["1", "a", "2", "bc", "3", "d", "4", "e"]),
        ("range 10-\n20", ["range", "10", "20"]),
        (r"\unknown{word}", ["unknown", "word"]),
        (r"\xi \xyz", ["ξ", "xyz"]),
        (r"`\frac{1}{5}` a:b `c`", ["1", "5", "a", "b", "c"]),
        (r"x^{d}y \mathrm{d}xyz {{c}}", ["x", "d", "y", "d", "xyz", "c"]),
        (f"a <!-- {'word ' * 20}--> b", ["a", *["word"] * 20, "b"]),
        ("a <!-- b", ["a", "b"]),
        (r"\tan x", ["tan", "x"]),
        ("\\", []),
        ("&", []),
        ("<", []),
        (r"x \u12", ["x", "u", "12"]),
        ("&#99999999;", ["99999999"]),
    ],
)
def test_what_is_no_notation(text, words):
    assert words_of_text(text) == words


def test_a_hyphen_at_the_end_of_a_line_parts_a_compound_and_joins_a_word() -> None:
    assert words_of_text("two-\ndigit and well-\nknown") == ["two", "digit", "and", "well", "known"]
    assert words_of_text("perpen-\ndicular, inter-\nsection") == ["perpendicular", "intersection"]
    assert words_of_text("counter-\nexample, some-\nthing") == ["counterexample", "something"]
