r"""Older ways of writing papers, told in TeX's own words: what AMS-TeX's, harvmac's and plain TeX's commands are in
LaTeX.

A prelude is read where a paper loads the format (`\input amstex`, `\documentstyle{amsppt}`, `\input harvmac`); plain
TeX's where a paper names no class. Sources: the AMS-TeX and amsppt user's guides (AMS, 1991), harvmac.tex (P. Ginsparg,
1988), PHYZZX (SLAC's macro package), The TeXbook, appendix B.
"""

from collections.abc import Mapping

_IN_FORMULAS = "matrix pmatrix bmatrix vmatrix Vmatrix smallmatrix cases aligned gathered split".split()
_DEFINE = "".join(rf"\def\{name}{{\begin{{{name}}}}}\def\end{name}{{\end{{{name}}}}}" for name in _IN_FORMULAS) + (
    "\\let\\define\\def\\let\\redefine\\def\\def\\predefine#1#2{\\let#1#2}\\def\\nofrills{}\n"
)
_ENVIRONMENTS = "proclaim demo remark definition example".split()
_AMS = (
    _DEFINE
    + "".join(rf"\def\{name}#1#2\end{name}{{\begin{{#1}}#2\end{{#1}}}}" + "\n" for name in _ENVIRONMENTS)
    + "".join(
        f"\\def\\{old}#1\\end{old}{{{new}{{#1}}}}\n"
        for old, new in (
            ("head", "\\section"),
            ("specialhead", "\\section"),
            ("heading", "\\section"),
            ("subhead", "\\subsection"),
            ("subsubhead", "\\subsubsection"),
        )
    )
    + "\\def\\subheading#1{\\subsection{#1}}"
    + "\\def\\Refs#1\\endRefs{}\\def\\document{}\\def\\roster{}\\def\\endroster{}\n"
)
_HARVMAC = r"""
\def\newsec#1{\section{#1}}\def\subsec#1{\subsection{#1}}\def\subsubsec#1{\subsubsection{#1}}
\def\Title#1#2{\title{#2}}\def\appendix#1#2{\section{#2}}\def\Date#1{}\def\listrefs{}\def\listfigs{}
\def\ref{\harvmac@ref}\def\nref{\harvmac@nref}\def\lref{\harvmac@nref}\def\refs#1{#1}\def\xref#1{#1}
\def\eqn{\harvmac@eqn}\def\eqnn{\harvmac@eqnn}\def\eqna{\harvmac@eqnn}\def\fig{\harvmac@fig}\def\nfig{\harvmac@nfig}
\def\listtoc{}\def\writetoc{}\def\listfigs{}\def\foot{\footnote}\def\vfoot#1{}\def\ack{\section{Acknowledgements}}\def\draft{}\def\footatend{}\def\noblackbox{}\def\draftmode#1{}\def\writedefs{}\def\answ{}
"""

_PHYZZX = r"""
\def\abstract#1\endpage{\begin{abstract}#1\end{abstract}}\def\chapter#1{\section{#1}}\def\refmark#1{[#1]}
\def\titlepage{}\def\endpage{}\def\refout{}\def\Pubnum#1{}\def\pubnum#1{}\def\pubtype#1{}\def\ack{\section{Acknowledgements}}
"""
_BEAMER = r"""
\let\beameritem\item\NewDocumentCommand{\item}{d<>}{\beameritem\IfNoValueT{#1}{ }}\NewDocumentCommand{\note}{d<>om}{}
\NewDocumentCommand{\only}{d<>md<>}{#2}\NewDocumentCommand{\uncover}{d<>m}{#2}\NewDocumentCommand{\visible}{d<>m}{#2}
\NewDocumentCommand{\onslide}{t+t*d<>}{}\NewDocumentCommand{\alert}{d<>m}{\textbf{#2}}\NewDocumentCommand{\invisible}{d<>m}{}
\def\AtBeginSection{}\NewDocumentCommand{\framesubtitle}{d<>m}{\textbf{#2}}
"""
PLAIN = r"""\def\beginsection#1\par{\section{#1}}\def\proclaim#1. #2\par{\begin{#1} #2\end{#1}}
"""
"""What a paper without a class may use (The TeXbook, appendix B: `\\beginsection`, `\\proclaim`)."""

PRELUDES: Mapping[str, str] = {
    "amstex": _DEFINE,
    "amsppt": _AMS,
    "amsppt1": _AMS,
    "amsppt.sty": _AMS,
    "harvmac": _HARVMAC,
    "lanlmac": _HARVMAC,
    "phyzzx": _PHYZZX,
    "beamer": _BEAMER,
    "epsf": "",
    "epsf.sty": "",
}
"""What is read in the place of a format's files."""

FORMATS = frozenset(
    """epsf psfig graphicx colordvi amssym mssymb xy xypic pictex prepictex postpictex eplain miniltx glyphtounicode
    tcilatex""".split()
)
"""Files of TeX's distributions that papers read; none is missing where it does not lie beside the paper."""
