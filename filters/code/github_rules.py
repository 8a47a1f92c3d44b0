"""The rules for files of whole repositories: Coq, Lean, Isabelle and Matlab.

Source of all: process_github.py in EleutherAI/math-lm, `proof_pile_2/algebraic_stack`, whose functions are named
below. There the general rule calls a blank file free of digits instead of dividing by zero.

The original runs Matlab through `argsinit_date`, a name that does not exist, so its own command stops there; the
published corpus holds Matlab all the same. Whether `all` languages of the published scripts include it is told by
`registry.languages`.
"""

import itertools
import re

from filters.code.declarations.coq import without_comments as coq_code
from filters.code.declarations.isabelle import without_comments as isabelle_code
from filters.code.declarations.lean import without_comments as lean_code
from filters.code.general import Refused, SourceFile, general
from filters.code.tags import is_generated
from manifests.records import Rules

COQ_WORDS = ("Theorem", "Proof", "Qed", "Inductive", "Definition", "Fixpoint")
VERILOG_WORDS = ("pragma", "endmodule", "posedge", "negedge", "wire")
GENERATED = "This file was automatically generated"
LEAN_WORDS = ("theorem ", "lemma ", "example ")
LEAN_BANNED = ("ProofNet", "miniF2F")
LEAN_DEPENDENCIES = "_target/deps/"
ISABELLE_WORDS = ("theorem ", "lemma ")
FIRST_WORDS = 20
"""So many words of a prover are looked at before a file is read in earnest."""
OBJECTIVE_C_WORDS = ("#import", "@interface", "@implementation", "@property")

_COQ_WORD = re.compile(
    r"\b(?:Theorem|Lemma|Corollary|Proposition|Fact|Remark|Proof|Qed|Defined|Inductive|CoInductive|Definition|Fixpoint"
    r"|CoFixpoint|Record|Class|Instance)\b"
)
_COQ_SENTENCE = re.compile(
    r"^[ \t]*+(?>(?:(?:Local|Global|Polymorphic|Monomorphic|Program|#\[[^\]\n]*+\])[ \t]++)*)"
    r"(?:(?:Ltac2?|Axioms?|Conjectures?|Parameters?|Property|Example|Goal|Function|Variant|Structure|Equations|Derive)"
    r"[ \t]|Module[ \t]++[A-Z]\w*+[ \t]*+\()",
    re.MULTILINE,
)
"""Sentences that state or program something without any of the words above; of modules only those with parameters."""
_COQ_PROOF = re.compile(r"\b(?:Proof|Qed|Defined)\.")
_VERILOG_LINE = re.compile(
    r"^[ \t]*+(?:`(?:timescale|define|include|ifdef|ifndef|default_nettype)\b|endmodule\b"
    r"|always[ \t]*+@|always_(?:ff|comb)\b"
    r"|(?:wire|reg|logic)[ \t]*+(?>(?:signed[ \t]++)?)(?>(?:\[[^\]\n]*+\][ \t]*+)?)\w++[ \t]*+[;,=])",
    re.MULTILINE,
)
_LEAN_WORD = re.compile(r"\b(?:theorem|lemma|example)\b")
_ISABELLE_WORD = re.compile(r"\b(?:theorem|lemma|corollary|proposition)\b")
_MIRROR = re.compile(r"(?i:mirror-afp|afp)-2")
_OBJECTIVE_C_LINE = re.compile(
    r"^[ \t]*+(?:#import\b|@(?:interface|implementation|property|protocol|end)\b)", re.MULTILINE
)
_C_LINE = re.compile(r"^[ \t]*+#[ \t]*+include\b", re.MULTILINE)


def _in_code(word: re.Pattern[str], text: str, opens: str, closes: str) -> bool:
    """Whether one of the first such words stands in code for sure, which is quicker to see than all comments.

    As many comments close before it as open, and nothing of a string or a comment stands before it in its line. False
    says nothing.
    """
    for found in itertools.islice(word.finditer(text), FIRST_WORDS):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not line.strip() and text.count(opens, 0, found.start()) == text.count(closes, 0, found.start()):
            return not text.count('"', 0, found.start()) % 2
    return False


def coq(file: SourceFile, rules: Rules) -> Refused | None:
    """Coq (`filter_coq`): a word of the prover, none of Verilog (which shares `.v`), not generated.

    `published` looks for the words anywhere, so that a Coq file with `rewire` or `pragmatic` is taken for Verilog, and
    a file of lemmas that end in `Defined` passes only by its `Proof`; and it knows one tool's note that a file is
    generated. `corrected` takes whole words for Coq, sentences of tactics, axioms and modules too, lines of Verilog
    syntax in a file that closes no proof, and the notes of other tools.
    """
    if refused := general(file, rules, blank_crashes=False):
        return refused
    text = file.text
    if rules == "published":
        proves = any(word in text for word in COQ_WORDS)
        verilog = any(word in text for word in VERILOG_WORDS)
    else:
        proves = _in_code(_COQ_WORD, text, "(*", "*)") or any(
            word.search(text) is not None and word.search(coq_code(text)) is not None
            for word in (_COQ_WORD, _COQ_SENTENCE)
        )
        # A comment of a Coq library may begin a line like Verilog does; no Verilog file closes a proof.
        verilog = _VERILOG_LINE.search(text) is not None and _COQ_PROOF.search(text) is None
    if not proves:
        return Refused("no_prover_keyword")
    if verilog:
        return Refused("verilog")
    generated = GENERATED in text or (rules == "corrected" and is_generated(file.path, text))
    return Refused("generated") if generated else None


def lean(file: SourceFile, rules: Rules) -> Refused | None:
    """Lean (`filter_lean`): a theorem, lemma or example; not from a benchmark's repository; no dependency's copy.

    `published` compares the repository's name exactly, so that a fork or archive `miniF2F-main` passes, and wants a
    space after the word, which may stand in a comment. `corrected` takes words of the code only, the benchmarks' names
    in any case, also before a hyphen, and the folder of dependencies of Lean 4 as well (`.lake/packages/`,
    `lake-packages/`).
    """
    if refused := general(file, rules, blank_crashes=False):
        return refused
    if rules == "published":
        proves = any(word in file.text for word in LEAN_WORDS)
    else:
        proves = _in_code(_LEAN_WORD, file.text, "/-", "-/") or (
            _LEAN_WORD.search(file.text) is not None and _LEAN_WORD.search(lean_code(file.text)) is not None
        )
    if not proves:
        return Refused("no_prover_keyword")
    name = file.repository.rsplit("/", 1)[-1]
    if rules == "published":
        banned = name in LEAN_BANNED
    else:
        banned = any(name.lower() == ban.lower() or name.lower().startswith(ban.lower() + "-") for ban in LEAN_BANNED)
    if banned:
        return Refused("banned_repository", name[:100])
    folders = (LEAN_DEPENDENCIES,) if rules == "published" else (LEAN_DEPENDENCIES, ".lake/packages/", "lake-packages/")
    return Refused("dependency") if any(folder in file.path for folder in folders) else None


def isabelle(file: SourceFile, rules: Rules) -> Refused | None:
    """Isabelle (`filter_isabelle`): a theorem or lemma; not from a numbered mirror of the Archive of Formal Proofs.

    `corrected` takes whole words (a lemma's name may stand on the next line) and the release archives `afp-2…` too.
    """
    if refused := general(file, rules, blank_crashes=False):
        return refused
    if rules == "published":
        proves = any(word in file.text for word in ISABELLE_WORDS)
    else:
        proves = _in_code(_ISABELLE_WORD, file.text, "(*", "*)") or (
            _ISABELLE_WORD.search(file.text) is not None and _ISABELLE_WORD.search(isabelle_code(file.text)) is not None
        )
    if not proves:
        return Refused("no_prover_keyword")
    name = file.repository.rsplit("/", 1)[-1]
    banned = name.startswith("mirror-afp-2") if rules == "published" else _MIRROR.match(name) is not None
    return Refused("banned_repository", name[:100]) if banned else None


def matlab(file: SourceFile, rules: Rules) -> Refused | None:
    """Matlab (`filter_matlab`): no Objective-C and no C.

    `published` finds the words anywhere, so that a Matlab comment with `@property` counts as Objective-C; its pattern
    for C's main sees only the last line of a file. `corrected` looks at the starts of lines, and at every line for
    main.
    """
    if refused := general(file, rules, blank_crashes=False):
        return refused
    text = file.text
    if rules == "published":
        objective_c = any(word in text for word in OBJECTIVE_C_WORDS)
        c = "#include" in text or _ends_in_main(text)
    else:
        objective_c = _OBJECTIVE_C_LINE.search(text) is not None
        c = _C_LINE.search(text) is not None or any(map(_opens_main, text.splitlines()))
    if objective_c:
        return Refused("objective_c")
    return Refused("c_source") if c else None


def _opens_main(line: str) -> bool:
    """Whether a line is ` main(…{`, the way the original's pattern for C would see it."""
    line = line.rstrip()
    return line.endswith("{") and " main(" in line


def _ends_in_main(text: str) -> bool:
    """The original's `re.search(" main\\(.*{$", text)` without its quadratic time.

    Without the multiline flag `$` is the end of the text (or before its last newline), so only the last line counts.
    """
    text = text.removesuffix("\n")
    return text.endswith("{") and " main(" in text[text.rfind("\n") + 1 :]
