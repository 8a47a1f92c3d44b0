"""The names that mean a formula: elements, classes and attributes of the programs that put mathematics on pages.

Names as they stand in real pages: of KaTeX, MathJax, WordPress (`wp-katex-eq`), Stack Exchange (`math-container`),
MkDocs (`arithmatex`), Zhihu (`ztext-math`) and others. `pipelines.extraction.math.elements` decides by them.
"""

import re

TEX_TAGS = ("math-renderer", "math-field", "tex-math", "d-math", "la-tex", "x-tex", "tex", "katex-element")
"""Elements whose text or attribute is TeX: GitHub, MathLive, JATS, Distill and custom elements of typesetters."""
TAGS = ("alternatives", "img", "math", "mjx-container", *TEX_TAGS)
CLASS_PARTS = {
    "math": ("math", "Math", "MATH"), "katex": ("katex", "KaTeX"), "tex": ("tex",), "mjx": ("mjx", "MJX"),
    "latex": ("LaTeX",), "equation": ("equation",), "arithmatex": ("arithmatex",),
}  # fmt: skip
TEX_NAMES = ('"tex"', "'tex'", "=tex", ' tex"', '"tex ', "latex", "katex", "texhtml", "mathtex", '-tex"', "texerror")
ATTRIBUTES = (
    "data-tex", "data-latex", "data-math", "data-expr", "data-mathml", "data-attrs", "data-formula", "data-equation"
)  # fmt: skip
TEX_ENCODING = re.compile(r"tex", re.IGNORECASE)
LATEX = re.compile(r"\\[a-zA-Z]+|[\^_]|\\[,;:!{}|\\]")
PLAIN_TEX = re.compile(r"[\w\s+\-*/=<>()\[\],.!|'&:]{1,60}")
MJ_RENDERED = frozenset(
    {"mathjax", "mathjax_display", "mathjax_svg", "mathjax_svg_display", "mathjax_chtml", "mjx-chtml",
    "mathjax_mathml",
     "mathjax_phtml", "mathjax_plainsource", "mjxc-display", "mathjax_mml", "mathjax_nativemml"}
)  # fmt: skip
HIDDEN = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.IGNORECASE)
TEX_CLASSES = frozenset(
    ["math-container", "wp-katex-eq", "math-inline", "math-display", "math-block", "inline-math",
    "display-math", "js-inline-math", "js-display-math", "math", "math_block", "math_inline", "tex", "latex",
    "arithmatex", "ztext-math", "equation", "inlinemath", "blockmath", "mathjax_process", "katex-inline",
    "katex-block", "tex2jax_process", "latex-rendered", "math-tex", "mathquill", "mathjax-latex", "kdmath",
    "mathmlidentifier", "ltx_math"]
)  # fmt: skip
SURE_CLASSES = frozenset(
    ["math-container", "wp-katex-eq", "math-inline", "math-display", "math-block", "latex-rendered", "ztext-math",
    "ltx_math", "js-render-math"]
)  # fmt: skip
DISPLAY_CLASSES = frozenset(
    ["math-display", "math-block", "math_block", "display-math", "js-display-math", "blockmath", "katex-block",
    "equation", "display"]
)  # fmt: skip
INSIDE = frozenset(
    ["mi", "mn", "mo", "mrow", "mtext", "mstyle", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot",
    "mtable", "mtr", "mtd", "mover", "munder", "munderover", "mspace", "semantics", "mpadded", "mphantom",
    "menclose", "annotation", "g", "use", "path", "svg", "rect", "text", "option", "input", "meta", "link",
    "body", "html", "head"]
)  # fmt: skip
DATA = ("data-tex", "data-latex", "data-math", "data-expr", "data-formula", "data-equation")


def is_tex(text: str) -> bool:
    """Whether an `alttext` or an attribute is TeX rather than words read aloud."""
    if LATEX.search(text):
        return True
    words = re.findall(r"[a-zA-Z]{3,}", text)
    return not words and PLAIN_TEX.fullmatch(text) is not None
