"""One place that knows which rule judges which language: `judge` for one file, `languages` for a whole build."""

from collections.abc import Callable
from typing import Literal

from filters.code import github_rules, stack_rules
from filters.code.detection import LANGUAGES
from filters.code.general import Refused, SourceFile
from manifests.records import Rules

Origin = Literal["stack", "github"]
"""Where a file comes from: a row of The Stack, or a whole repository or archive."""

Rule = Callable[[SourceFile, Rules], Refused | None]

STACK_RULES: dict[str, Rule] = {
    "agda": stack_rules.plain,
    "c": stack_rules.c,
    "cpp": stack_rules.cpp,
    "fortran": stack_rules.plain,
    "gap": stack_rules.plain,
    "haskell": stack_rules.haskell,
    "idris": stack_rules.plain,
    "isabelle": stack_rules.plain,
    "julia": stack_rules.julia,
    "jupyter-notebook": stack_rules.jupyter_notebook,
    "lean": stack_rules.plain,
    "maple": stack_rules.maple,
    "python": stack_rules.python,
    "r": stack_rules.r,
}
"""Rules of process_stack.py, all but TeX's, which asks for a language model besides."""

GITHUB_RULES: dict[str, Rule] = {
    "coq": github_rules.coq,
    "isabelle": github_rules.isabelle,
    "lean": github_rules.lean,
    "matlab": github_rules.matlab,
}
"""Rules of process_github.py."""

FUSED = ("haskell", "python")
"""A comma is missing between these two in the published list of languages (`DATA_DIRS` in process_stack.py)."""


def languages(rules: Rules, *, as_scripts: bool = False) -> tuple[str, ...]:
    """The languages of a whole build.

    The published corpus holds all seventeen, and that is the answer under both rules. `as_scripts` is what the
    published scripts do when asked for all: with the comma missing, `haskell` and `python` fuse into one folder that
    does not exist, so neither is built; Matlab stops at a misspelt name (`argsinit_date`). `corrected` has neither
    fault.
    """
    if rules == "corrected" or not as_scripts:
        return LANGUAGES
    return tuple(language for language in LANGUAGES if language not in (*FUSED, "matlab"))


def judge(
    language: str,
    file: SourceFile,
    rules: Rules,
    origin: Origin = "github",
    is_english: Callable[[str], bool] | None = None,
) -> Refused | None:
    """Whether `file` of one of the seventeen `language`s belongs in the corpus; None: it does.

    Lean and Isabelle have a rule for each origin, Coq and Matlab only that of whole repositories, the others only that
    of The Stack; where an origin has no rule of its own, the other's is used. `is_english` is needed for TeX.

    Raises `general.PublishedCrash` where the published program would stop, KeyError for an unknown language.
    """
    if language == "tex":
        if is_english is None:
            raise ValueError("the TeX rule needs a test for English")
        return stack_rules.tex(file, rules, is_english)
    first, second = (GITHUB_RULES, STACK_RULES) if origin == "github" else (STACK_RULES, GITHUB_RULES)
    rule = first.get(language) or second[language]
    return rule(file, rules)
