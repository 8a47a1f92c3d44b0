"""What a character of a formula is called in LaTeX: the tables behind `pipelines.extraction.math.mathml`.

Names follow Unicode's own where it has them (`GREEK SMALL LETTER ALPHA`,
    `MATHEMATICAL BOLD ITALIC SMALL X`); the rest
is the operator dictionary of MathML (W3C MathML 3, appendix C) beside the names of LaTeX and amssymb.
"""

import re
import unicodedata
from functools import lru_cache

_PAIRS = r"""
−:- ∗:* ⋅:\cdot ·:\cdot ×:\times ÷:\div ±:\pm ∓:\mp ∘:\circ ∙:\bullet •:\bullet ⊕:\oplus ⊖:\ominus
⊗:\otimes ⊘:\oslash ⊙:\odot ∧:\wedge ∨:\vee ∩:\cap ∪:\cup ⊎:\uplus ⊓:\sqcap ⊔:\sqcup ⋆:\star ★:\bigstar
∖:\setminus ≀:\wr †:\dagger ‡:\ddagger ⨿:\amalg ⋄:\diamond ◇:\Diamond □:\square ◻:\square ■:\blacksquare
∎:\blacksquare △:\triangle ▵:\triangle ▽:\triangledown ◃:\triangleleft ▹:\triangleright ⊲:\lhd ⊳:\rhd
⊴:\unlhd ⊵:\unrhd ⋉:\ltimes ⋊:\rtimes ⋈:\bowtie ∔:\dotplus ⊞:\boxplus ⊠:\boxtimes ⊡:\boxdot ⋏:\curlywedge
⋎:\curlyvee ⨯:\times ⟂:\perp ⊥:\perp ∥:\parallel ∦:\nparallel ∣:\mid ∤:\nmid ≠:\neq ≤:\leq ≥:\geq
⩽:\leqslant ⩾:\geqslant ≦:\leqq ≧:\geqq ≪:\ll ≫:\gg ⋘:\lll ⋙:\ggg ≡:\equiv ≢:\not\equiv ≈:\approx
≉:\not\approx ≃:\simeq ≄:\not\simeq ≅:\cong ≇:\ncong ∼:\sim ≁:\nsim ≍:\asymp ≐:\doteq ≑:\doteqdot
≒:\fallingdotseq ≓:\risingdotseq ≔:\coloneqq ≕:\eqqcolon ≗:\circeq ≜:\triangleq
≝:\overset{\mathrm{def}}{=} ≟:\overset{?}{=} ∝:\propto ≺:\prec ≻:\succ ≼:\preceq ≽:\succeq ⪯:\preceq
⪰:\succeq ≲:\lesssim ≳:\gtrsim ⪅:\lessapprox ⪆:\gtrapprox ≶:\lessgtr ≷:\gtrless ≮:\nless ≯:\ngtr ≰:\nleq
≱:\ngeq ⊀:\nprec ⊁:\nsucc ⊂:\subset ⊃:\supset ⊆:\subseteq ⊇:\supseteq ⊄:\not\subset ⊅:\not\supset
⊈:\nsubseteq ⊉:\nsupseteq ⊊:\subsetneq ⊋:\supsetneq ⫅:\subseteqq ⫆:\supseteqq ⊏:\sqsubset ⊐:\sqsupset
⊑:\sqsubseteq ⊒:\sqsupseteq ⋐:\Subset ⋑:\Supset ∈:\in ∉:\notin ∋:\ni ∌:\not\ni ⊢:\vdash ⊣:\dashv
⊨:\models ⊩:\Vdash ⊬:\nvdash ⊭:\nvDash ⊪:\Vvdash ≬:\between ⋔:\pitchfork ⌢:\frown ⌣:\smile ≎:\Bumpeq
≏:\bumpeq ∽:\backsim ≊:\approxeq ⊸:\multimap ←:\leftarrow →:\rightarrow ↑:\uparrow ↓:\downarrow
↔:\leftrightarrow ↕:\updownarrow ⇐:\Leftarrow ⇒:\Rightarrow ⇑:\Uparrow ⇓:\Downarrow ⇔:\Leftrightarrow
⇕:\Updownarrow ↦:\mapsto ⟵:\longleftarrow ⟶:\longrightarrow ⟷:\longleftrightarrow ⟸:\Longleftarrow
⟹:\Longrightarrow ⟺:\Longleftrightarrow ⟼:\longmapsto ↩:\hookleftarrow ↪:\hookrightarrow ↗:\nearrow
↘:\searrow ↙:\swarrow ↖:\nwarrow ⇀:\rightharpoonup ⇁:\rightharpoondown ↼:\leftharpoonup
↽:\leftharpoondown ⇌:\rightleftharpoons ⇋:\leftrightharpoons ⇝:\rightsquigarrow ↝:\leadsto
↠:\twoheadrightarrow ↞:\twoheadleftarrow ↣:\rightarrowtail ↢:\leftarrowtail ↛:\nrightarrow ↚:\nleftarrow
⇏:\nRightarrow ⇍:\nLeftarrow ⇎:\nLeftrightarrow ↮:\nleftrightarrow ⇄:\rightleftarrows ⇆:\leftrightarrows
⇉:\rightrightarrows ⇇:\leftleftarrows ⇈:\upuparrows ⇊:\downdownarrows ↺:\circlearrowleft
↻:\circlearrowright ↶:\curvearrowleft ↷:\curvearrowright ⇢:\dashrightarrow ⇠:\dashleftarrow
↾:\upharpoonright ⟶:\longrightarrow ∀:\forall ∃:\exists ∄:\nexists ¬:\neg ⊤:\top ∅:\emptyset ∞:\infty
∂:\partial ∇:\nabla √:\surd ∠:\angle ∡:\measuredangle ∢:\sphericalangle ∴:\therefore ∵:\because ℏ:\hbar
ℓ:\ell ℘:\wp ℑ:\Im ℜ:\Re ℵ:\aleph ℶ:\beth ℷ:\gimel ℸ:\daleth ı:\imath ȷ:\jmath 𝚤:\imath 𝚥:\jmath ′:' ″:''
‴:''' ⁗:'''' ‵:\backprime ♭:\flat ♮:\natural ♯:\sharp ♠:\spadesuit ♡:\heartsuit ♢:\diamondsuit
♣:\clubsuit ℧:\mho ∁:\complement ð:\eth ß:\text{ß} ⊺:\intercal ⅆ:d ⅅ:D ⅇ:e ⅈ:i ⅉ:j °:^{\circ} ℧:\mho
…:\ldots ⋯:\cdots ⋮:\vdots ⋱:\ddots ⋰:\iddots ‥:.. ∶:: ː:: ∑:\sum ∏:\prod ∐:\coprod ∫:\int ∬:\iint
∭:\iiint ∮:\oint ∯:\oiint ∰:\oiiint ⨌:\iiiint ⋀:\bigwedge ⋁:\bigvee ⋂:\bigcap ⋃:\bigcup ⨀:\bigodot
⨁:\bigoplus ⨂:\bigotimes ⨄:\biguplus ⨆:\bigsqcup ⨅:\bigsqcap ⟨:\langle ⟩:\rangle 〈:\langle 〉:\rangle
〈:\langle 〉:\rangle ⌈:\lceil ⌉:\rceil ⌊:\lfloor ⌋:\rfloor ‖:\| ⟦:\llbracket ⟧:\rrbracket ⟮:( ⟯:)
⎰:\lmoustache ⎱:\rmoustache ⌜:\ulcorner ⌝:\urcorner ⌞:\llcorner ⌟:\lrcorner {:\{ }:\} $:\$ %:\% #:\# &:\&
_:\_ \:\backslash ~:\sim ^:\hat{} £:\pounds §:\S ¶:\P ©:\copyright €:\text{€} ϵ:\epsilon ε:\varepsilon
ϑ:\vartheta ϕ:\phi φ:\varphi ϖ:\varpi ϱ:\varrho ς:\varsigma ϰ:\varkappa ϝ:\digamma ο:o Α:A Β:B Ε:E Ζ:Z
Η:H Ι:I Κ:K Μ:M Ν:N Ο:O Ρ:P Τ:T Χ:X ϒ:\Upsilon Ω:\Omega Å:\text{Å} K:K µ:\mu ∆:\Delta ≨:\lneqq ≩:\gneqq
⪇:\lneq ⪈:\gneq ⋦:\lnsim ⋧:\gnsim ⪵:\precneqq ⪶:\succneqq ⋨:\precnsim ⋩:\succnsim ⪷:\precapprox
⪸:\succapprox ≾:\precsim ≿:\succsim ⋞:\curlyeqprec ⋟:\curlyeqsucc ⋚:\lesseqgtr ⋛:\gtreqless ⩵:== ⩴:::=
⁄:/ ∕:/ ‐:- ‑:- –:- —:- ‾:\bar{} ¯:\bar{} ˆ:\hat{} ˜:\tilde{} ⁢: ⁣: ⁡: ⁤:
"""

SYMBOLS: dict[str, str] = {pair[0]: pair[2:] for pair in _PAIRS.split() if len(pair) >= 2 and pair[1] == ":"}
SYMBOLS["\u0338"] = "\\not"
"""LaTeX for one character outside letters and digits."""

ACCENTS_OVER: dict[str, str] = {
    "^": "\\hat", "ˆ": "\\hat", "\u0302": "\\hat", "~": "\\tilde", "˜": "\\tilde", "∼": "\\tilde",
    "\u0303": "\\tilde",
    "¯": "\\bar", "ˉ": "\\bar", "‾": "\\overline", "_": "\\overline", "―": "\\overline", "\u0304": "\\bar",
    "\u0305": "\\overline",
    "→": "\\vec", "⃗": "\\vec", "⇀": "\\vec", "←": "\\overleftarrow", "↔": "\\overleftrightarrow", "˙": "\\dot",
    ".": "\\dot", "\u0307": "\\dot", "¨": "\\ddot", "..": "\\ddot", "\u0308": "\\ddot", "⃛": "\\dddot",
    "…": "\\dddot",
    "...": "\\dddot", "´": "\\acute", "\u0301": "\\acute", "`": "\\grave", "\u0300": "\\grave", "˘": "\\breve",
    "\u0306": "\\breve", "ˇ": "\\check", "\u030c": "\\check", "˚": "\\mathring", "\u030a": "\\mathring",
    "⏞": "\\overbrace", "︷": "\\overbrace", "⏜": "\\overparen", "-": "\\bar", "−": "\\bar", "–": "\\bar",
    "─": "\\overline",
    "⎴": "\\overbracket",
}  # fmt: skip
ACCENTS_UNDER: dict[str, str] = {
    "⏟": "\\underbrace", "︸": "\\underbrace", "_": "\\underline", "‾": "\\underline", "¯": "\\underline",
    "̲": "\\underline",
    "―": "\\underline", "⏝": "\\underparen", "→": "\\underrightarrow", "←": "\\underleftarrow",
    "~": "\\utilde", "∼": "\\utilde", "-": "\\underline", "−": "\\underline", "─": "\\underline",
    "⎵": "\\underbracket",
}  # fmt: skip
WIDE = {"\\hat": "\\widehat", "\\tilde": "\\widetilde", "\\bar": "\\overline", "\\vec": "\\overrightarrow"}

FUNCTIONS = frozenset(
    ["arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp",
    "gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin",
    "sinh", "sup", "tan", "tanh", "injlim", "projlim"]
)  # fmt: skip
LIMITS = frozenset(
    ["\\sum", "\\prod", "\\coprod", "\\bigcap", "\\bigcup", "\\bigwedge", "\\bigvee", "\\bigoplus",
    "\\bigotimes", "\\bigodot", "\\biguplus", "\\bigsqcup", "\\lim", "\\liminf", "\\limsup", "\\max", "\\min",
    "\\sup", "\\inf", "\\det", "\\gcd", "\\Pr", "\\injlim", "\\projlim"]
)  # fmt: skip
INTEGRALS = frozenset(["\\int", "\\iint", "\\iiint", "\\iiiint", "\\oint", "\\oiint", "\\oiiint"])

VARIANTS: dict[str, str] = {
    "bold": "\\mathbf", "bold-italic": "\\boldsymbol", "double-struck": "\\mathbb", "script": "\\mathcal",
    "bold-script": "\\boldsymbol{\\mathcal", "fraktur": "\\mathfrak", "bold-fraktur": "\\boldsymbol{\\mathfrak",
    "sans-serif": "\\mathsf", "bold-sans-serif": "\\boldsymbol{\\mathsf", "sans-serif-italic": "\\mathsf",
    "sans-serif-bold-italic": "\\boldsymbol{\\mathsf", "monospace": "\\mathtt", "-tex-calligraphic": "\\mathcal",
    "-tex-bold-calligraphic": "\\boldsymbol{\\mathcal", "-tex-mathit": "\\mathit", "-tex-oldstyle": "",
}  # fmt: skip

_STYLED = re.compile(
    r"MATHEMATICAL (BOLD ITALIC|SANS-SERIF BOLD ITALIC|SANS-SERIF BOLD|SANS-SERIF ITALIC|SANS-SERIF|BOLD SCRIPT|"
    r"BOLD FRAKTUR|BOLD|ITALIC|SCRIPT|FRAKTUR|DOUBLE-STRUCK|MONOSPACE) "
)
_STYLE_OF = {
    "BOLD ITALIC": "bold-italic", "SANS-SERIF BOLD ITALIC": "sans-serif-bold-italic",
    "SANS-SERIF BOLD": "bold-sans-serif",
    "SANS-SERIF ITALIC": "sans-serif", "SANS-SERIF": "sans-serif", "BOLD SCRIPT": "bold-script",
    "BOLD FRAKTUR": "bold-fraktur", "BOLD": "bold", "ITALIC": "", "SCRIPT": "script", "FRAKTUR": "fraktur",
    "DOUBLE-STRUCK": "double-struck", "MONOSPACE": "monospace",
}  # fmt: skip
_LETTERLIKE = {
    **dict.fromkeys("ℂℍℕℙℚℝℤℾℿ", "double-struck"), **dict.fromkeys("ℬℰℱℋℐℒℳℛℯℊℴ", "script"),
    **dict.fromkeys("ℭℌℨ", "fraktur"), "ℎ": "",
}  # fmt: skip


def in_variant(latex: str, variant: str) -> str:
    """`latex` set in MathML's `mathvariant`; unknown and ordinary variants leave it as it is."""
    command = VARIANTS.get(variant, "")
    if not command or latex.startswith(f"{command}{{"):  # the character itself may say it already
        return latex
    return f"{command}{{{latex}}}" + "}" * command.count("{")


@lru_cache(maxsize=8192)
def symbol(character: str) -> str:
    """One character as LaTeX: a command without a trailing space, or the character itself."""
    if character.isascii() and (character.isalnum() or character not in "{}$%#&_\\~^"):
        return character
    if (known := SYMBOLS.get(character)) is not None:
        return known
    if character in _LETTERLIKE:
        return in_variant(unicodedata.normalize("NFKC", character).replace("Γ", "\\Gamma"), _LETTERLIKE[character])
    name = unicodedata.name(character, "")
    if styled := _STYLED.match(name):
        plain = unicodedata.decomposition(character).split()[-1:]  # one step: NFKC would make ϵ and ϕ into ε and φ
        return in_variant(symbol(chr(int(plain[0], 16))) if plain else character, _STYLE_OF[styled.group(1)])
    if name.startswith("GREEK ") and " LETTER " in name and " WITH " not in name:
        letter = name.split(" LETTER ")[1].lower().replace("lamda", "lambda")
        return "\\" + (letter.capitalize() if "CAPITAL" in name else letter)
    if unicodedata.category(character) == "Cf" or (not character.isprintable() and not character.isspace()):
        return ""
    return character
