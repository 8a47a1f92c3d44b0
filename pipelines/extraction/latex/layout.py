r"""What only moves or dresses the text, and what keeps the author's books: taken out of the text with its arguments.

An entry says what goes with a command: `m` an argument in braces, `t` one in braces or of one token, `o` one in
brackets, `*` a star, `d` a length that may follow an equals sign, `=` the rest of a TeX assignment.
"""

from collections.abc import Mapping

LENGTHS = frozenset(
    """parindent parskip textwidth textheight oddsidemargin evensidemargin topmargin headheight headsep hoffset voffset
    hsize vsize baselineskip baselinestretch lineskip abovedisplayskip belowdisplayskip abovedisplayshortskip
    belowdisplayshortskip footskip columnsep tabcolsep arraycolsep itemsep topsep parsep partopsep leftmargin
    rightmargin marginparwidth marginparsep footnotesep jot mathsurround hfuzz vfuzz hangindent leftskip
    rightskip parfillskip overfullrule""".split()
)
"""Lengths that a paper sets, or uses where it needs a value."""

LAYOUT: Mapping[str, str] = {
    **dict.fromkeys(
        """maketitle tableofcontents listoffigures listoftables newpage clearpage cleardoublepage noindent indent
        smallskip medskip bigskip smallbreak medbreak bigbreak goodbreak nobreak allowbreak filbreak eject vfill vfil
        hfill hfil hfilneg centering raggedright raggedleft raggedbottom flushbottom sloppy fussy frenchspacing
        nonfrenchspacing onecolumn phantomsection allowdisplaybreaks singlespacing doublespacing onehalfspacing
        makeindex frontmatter mainmatter backmatter normalbaselines nopagenumbers balance titlepage
        linenumbers nolinenumbers IEEEpeerreviewmaketitle IEEEoverridecommandlockouts peerreview flushend samepage
        listoftodos nobibliography unskip ignorespaces leavevmode relax strut null maketitlepage nofiles selectfont
        normalfont protect obeycr tolerance boldmath unboldmath endgraf displaybreak nopagebreak NoBlackBoxes
        NoRunningHeads NoPageNumbers loadmsam loadmsbm loadeufm loadeufb loadeusm loadeurm
        TagsOnRight TagsOnLeft CenteredTagsOnSplits loadbold UseAMSsymbols topmatter endtopmatter batchmode nonstopmode
        scrollmode errorstopmode columnbreak putbib bsp IEEEdisplaynontitleabstractindextext makeglossaries pause
        draft narrowtext widetext tighten onecolumngrid twocolumngrid FloatBarrier listofchanges DontPrintSemicolon
        turnoffediting turnoffeditone turnoffedittwo turnoffeditthree restoregeometry nocollaboration noaffiliation
        immediate par saythanks supereject dosupereject
        DIFaddbegin DIFaddend DIFdelbegin DIFdelend DIFaddbeginFL DIFaddendFL DIFdelbeginFL DIFdelendFL
        """.split(),
        "",
    ),
    **dict.fromkeys(("vspace", "hspace", "addvspace"), "*m"),
    **dict.fromkeys(("pagebreak", "linebreak", "nolinebreak", "enlargethispage"), "*o"),
    **dict.fromkeys(
        (
            "pagestyle",
            "thispagestyle",
            "pagenumbering",
            "hyphenation",
            "linespread",
            "hypersetup",
            "bibliographystyle",
            "nocite",
            "index",
            "glossary",
            "theoremstyle",
            "graphicspath",
            "usetikzlibrary",
            "usepgflibrary",
            "captionsetup",
            "sisetup",
            "geometry",
            "tcbset",
            "pgfplotsset",
            "tikzset",
            "mathtoolsset",
            "crefname",
            "Crefname",
            "allsectionsfont",
            "sectionfont",
            "setstretch",
            "selectlanguage",
            "addbibresource",
            "fancyhf",
            "fancyhead",
            "fancyfoot",
            "lhead",
            "rhead",
            "chead",
            "lfoot",
            "rfoot",
            "cfoot",
            "titleformat*",
            "hyphenpenalty",
            "urlstyle",
            "DeclareGraphicsExtensions",
            "newlength",
            "newsavebox",
            "bstctlcite",
            "ccsdesc",
            "setcitestyle",
            "floatstyle",
            "restylefloat",
            "leftheadtext",
            "rightheadtext",
            "titlerunning",
            "authorrunning",
            "shorttitle",
            "shortauthors",
            "footskip",
            "settopmatter",
            "acmConference",
            "acmBooktitle",
            "acmPrice",
            "acmDOI",
            "acmISBN",
            "copyrightyear",
            "acmYear",
            "setcopyright",
            "markright",
            "fontsize",
            "setdefaultlanguage",
            "setmainfont",
            "setlist",
        ),
        "om",
    ),
    **dict.fromkeys(
        (
            "markboth",
            "fontsize",
            "renewbibmacro",
            "setenumerate",
            "setitemize",
            "fancypagestyle",
            "definecolor",
            "colorlet",
            "DeclareGraphicsRule",
            "newfloat",
            "setlist",
            "newcolumntype",
        ),
        "omm",
    ),
    **dict.fromkeys(("pdfbookmark", "floatplacement"), "omm"),
    **dict.fromkeys(("printglossaries", "printglossary", "printacronyms", "printindex"), "o"),
    **dict.fromkeys(
        (
            "pdfinfo",
            "pdfcatalog",
            "inputencoding",
            "pagerange",
            "special",
            "fontencoding",
            "epsscale",
            "newgeometry",
            "pageheight",
            "pagewidth",
            "hcorrection",
            "vcorrection",
            "runningtitle",
            "runningauthor",
        ),
        "m",
    ),
    **dict.fromkeys(("numberofauthors", "CopyrightYear", "crdata", "terms", "toappear"), "m"),
    "conferenceinfo": "mm",
    "category": "mmmo",
    **dict.fromkeys(("setbeamertemplate", "addtobeamertemplate", "setbeamercolor", "setbeamerfont"), "mom"),
    **dict.fromkeys(("usetheme", "usecolortheme", "usefonttheme"), "om"),
    **dict.fromkeys(("typeout", "message", "errmessage", "wlog"), "m"),
    **dict.fromkeys(("PackageWarning", "PackageError", "ClassWarning", "ClassError"), "mm"),
    "addcontentsline": "mmm",
    "addtocontents": "mm",
    "definecolor": "mmm",
    "crefname": "mmm",
    "Crefname": "mmm",
    "crefformat": "mm",
    "titleformat": "*momommo",
    "titlespacing": "*mmmmo",
    "DeclareFontFamily": "mmm",
    "DeclareFontShape": "mmmmmm",
    "DeclareSymbolFont": "mmmmm",
    "DeclareSymbolFontAlphabet": "mm",
    "SetMathAlphabet": "mmmmmm",
    "DeclareMathAlphabet": "mmmmm",
    "SetSymbolFont": "mmmmmm",
    "DeclareUnicodeCharacter": "mm",
    "usepackage": "omo",
    "RequirePackage": "omo",
    "PassOptionsToPackage": "mm",
    **dict.fromkeys(
        ("todo", "fxnote", "fxwarning", "fxerror", "pdfcomment", "pdfmargincomment", "deleted", "DIFdel", "DIFdelFL"),
        "*om",
    ),
    "aliascntresetthe": "m",
    **dict.fromkeys(("setlength", "addtolength", "settowidth", "settoheight", "settodepth"), "tt"),
    "missingfigure": "om",
    "todototoc": "",
    "appendixpage": "",
    **dict.fromkeys((*LENGTHS, "vskip", "hskip"), "d"),
    **dict.fromkeys(
        """magnification tolerance hbadness vbadness pretolerance clubpenalty widowpenalty displaywidowpenalty
        interlinepenalty predisplaypenalty postdisplaypenalty penalty pageno emergencystretch binoppenalty relpenalty
        brokenpenalty interfootnotelinepenalty adjdemerits finalhyphendemerits doublehyphendemerits pdfoutput
        pdfminorversion pdfcompresslevel pdfobjcompresslevel hangafter looseness catcode lccode uccode mathcode
        font""".split(),
        "=",
    ),
    "write": "=m",
    "newsymbol": "t=",
    **dict.fromkeys(("closeout", "closein"), "="),
    **dict.fromkeys(("newwrite", "newread", "newbox", "newfam", "newinsert"), "t"),
    "DeclareMathSizes": "mmmm",
    **dict.fromkeys(("headline", "footline", "everypar", "everydisplay", "everymath", "output"), "=m"),
}
"""Commands that go, with what goes with them."""

PARAGRAPHS = frozenset(
    """par smallskip medskip bigskip smallbreak medbreak bigbreak endgraf newpage clearpage cleardoublepage
    eject supereject""".split()
)
"""Commands that end a paragraph: an empty line stays in their place."""

SPACES = frozenset({"hfill", "hfil", "hspace", "hskip", "linebreak", "vskip"})
"""Commands that part words on the page: a space stays in their place, unless they are no wider than a thin one."""
THIN = 2.0
"""So many points are no space between words."""
POINTS = {"pt": 1.0, "em": 10.0, "ex": 4.3, "mm": 2.8, "cm": 28.0, "in": 72.0, "pc": 12.0, "bp": 1.0}

BIBLIOGRAPHIES = frozenset(
    """thebibliography mcitethebibliography references REFERENCES bibdiv biblist chapthebibliography""".split()
)
"""Environments of references."""

LAYOUT_ENVIRONMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        """sloppypar doublespace onehalfspace singlespace doublespacing onehalfspacing singlespacing landscape widetext
        strip fullwidth samepage linenumbers linenomath linenomath* bibunit flushleft flushright raggedright raggedleft
        tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge titlingpage""".split(),
        "",
    ),
    "@twocolumnfalse": "",
    **dict.fromkeys(("spacing", "otherlanguage", "otherlanguage*", "multicols", "multicols*"), "m"),
    **dict.fromkeys(("CJK", "CJK*"), "mm"),
    **dict.fromkeys(("adjustwidth", "adjustwidth*", "changemargin"), "mm"),
}
"""Environments that only set their text on the page in some way, with the arguments of their begin."""

IN_A_LINE = frozenset(
    """otherlanguage otherlanguage* tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge
    linenomath linenomath* CJK CJK*""".split()
)
"""Of these, what does not begin a line of its own."""

HIDDEN = frozenset({"comment", "CCSXML", "filecontents", "filecontents*", "asydef"})
"""Environments whose contents are not typeset where they stand."""

MATH = frozenset(
    """math displaymath equation equation* align align* gather gather* multline multline* eqnarray eqnarray* alignat
    alignat* flalign flalign* dmath dmath* subequations IEEEeqnarray IEEEeqnarray* xalignat xalignat*
    mathpar mathpar* tikzcd numcases subnumcases empheq""".split()
)
"""Environments of mathematics."""

DRAWINGS = frozenset({"tikzpicture", "pgfpicture", "scope", "axis", "pspicture", "picture", "tikzcd"})
"""Environments that draw."""

TEXT_IN_MATH = frozenset(
    """text textrm textit textbf textsf texttt textsc textup textnormal mbox hbox intertext shortintertext
    fbox""".split()
)
"""Commands in whose argument mathematics is text again."""

MATH_OF: Mapping[str, bool] = {
    **dict.fromkeys(TEXT_IN_MATH, False),
    **dict.fromkeys(("xymatrix", "boxed", "inferrule", "infer", "inference"), True),
}
"""Commands whose argument is mathematics or text, whatever they stand in."""

FORMULA = frozenset("()[]")
"""Commands that begin and end formulas."""

VERBATIM = frozenset(
    """verbatim verbatim* Verbatim Verbatim* BVerbatim LVerbatim SaveVerbatim alltt lstlisting minted Sinput Soutput
    spverbatim verbatimtab pycode pyverbatim pyblock pyconsole pysub sagecode sageblock luacode luacode* VerbatimOut
    boxedverbatim Piton tcblisting CodeInput CodeOutput LTXexample""".split()
)
"""Environments whose contents TeX does not read."""

LISTINGS = frozenset({"listing", "listing*", "listingcont", "listingcont*"})
"""Such environments of moreverb's; in other packages a float bears the name."""

STANDARD_ENVIRONMENTS = (
    MATH
    | VERBATIM
    | BIBLIOGRAPHIES
    | frozenset(
        """document abstract itemize enumerate description figure figure* table table* tabular tabular* array matrix
        pmatrix bmatrix vmatrix Vmatrix Bmatrix cases split aligned gathered alignedat center quote quotation verse
        minipage titlepage list proof tikzpicture picture appendix appendices""".split()
    )
)
"""Environments that no paper gives another meaning here."""
