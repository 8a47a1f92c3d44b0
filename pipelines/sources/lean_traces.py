"""LeanDojo's traced files (`*.trace.xml`): the tactics of a Lean file's theorems with the states before them.

Source of the form: `TracedFile.to_xml` and `Node.to_xml` of LeanDojo (data_extraction/traced_data.py, ast.py): the root
names the file's `path`; a theorem's node has its `full_name`, a tactic's `state_before` and `tactic`, in the order of
the file; values are escaped once more than XML asks for.
"""

import io
from html import unescape
from typing import NamedTuple

from lxml import etree

from filters.code.lean_steps import Step

THEOREMS = frozenset(("CommandTheoremNode", "LemmaNode", "MathlibTacticLemmaNode"))


class Trace(NamedTuple):
    """The path of a traced Lean file, and the steps of its theorems in order."""

    path: str
    steps: list[Step]


def traced(content: bytes) -> Trace:
    """The steps of one traced file. Raises ValueError for what is none."""
    path, theorem = "", ""
    steps: list[Step] = []
    reader = etree.iterparse(
        io.BytesIO(content), ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        for event, element in reader:
            if event == "end":
                theorem = "" if element.tag in THEOREMS else theorem
                element.clear()
                continue
            if not path:
                path = element.get("path", "")
                if element.tag != "TracedFile" or not path:
                    raise ValueError("no traced file of LeanDojo: expected <TracedFile path=…>")
            if element.tag in THEOREMS:
                theorem = unescape(element.get("full_name", ""))
            goal, tactic = element.get("state_before"), element.get("tactic")
            if goal is not None and tactic is not None:
                steps.append(Step(unescape(goal), unescape(tactic), theorem))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no traced file of LeanDojo: not XML (line {error.lineno})") from None
    return Trace(path, steps)
