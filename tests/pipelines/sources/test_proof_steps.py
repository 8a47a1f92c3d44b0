"""Proof steps as a source: one record a proof or module, refused ones listed."""

import io
import json
import tarfile
from html import escape
from pathlib import Path
from typing import Any

from lxml import etree

from manifests.records import BadRecord, Document, Rules
from pipelines.sources.base import RawFile, Record, Refusal
from pipelines.sources.proof_steps import ProofStepOptions, ProofStepSource


def packed(folder: Path, name: str, files: dict[str, str]) -> Path:
    path = folder / name
    with tarfile.open(path, "w:gz") as tar:
        for member, text in files.items():
            info = tarfile.TarInfo(member)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


PAIRS = {"translations": [["", 'lemma a: "x"'], ["s", "by simp"], ["", 'lemma b: "y"'], ["s", "by auto"], ["", "end"]]}


def test_isabelle(tmp_path: Path) -> None:
    archive = packed(
        tmp_path, "afp.tar.gz", {"o/2022-12-06_thys_T.thy_output.json": json.dumps(PAIRS), "o/bad.thy_output.json": "x"}
    )
    tests = packed(tmp_path, "tests.tar.gz", {"t/1.json": json.dumps([["f", 'lemma b: "y"']])})
    source = ProofStepSource(
        "steps", ProofStepOptions(prover="isabelle", tests="pisa"), "published", assets={"pisa": tests}
    )
    records = list(source.records(RawFile(archive, "afp.tar.gz")))
    outcomes = [record if isinstance(record, BadRecord) else source.document(record) for record in records]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Document", "Refusal", "Refusal", "BadRecord"]
    document = outcomes[0]
    assert isinstance(document, Document)
    assert document.text == '[STATEMENT]\nlemma a: "x"\n[PROOF STATE]\ns\n[PROOF STEP]\nby simp'
    assert json.loads(document.meta) == {"file": "T", "length": 1}
    assert document.subset == "isabelle-proofsteps"
    assert [o.reason for o in outcomes[1:3] if isinstance(o, Refusal)] == ["test_theorem", "not_a_theorem"]
    assert len({record.key for record in records}) == 4


def test_the_proofs_of_a_theory_may_be_one_document(tmp_path: Path) -> None:
    pairs = [["", 'lemma c: "z"'], ["s", "by blast"], *PAIRS["translations"]]
    path = tmp_path / "2022-12-06_thys_T.thy_output.json"
    path.write_text(json.dumps({"translations": pairs}))
    tests = packed(tmp_path, "tests.tar.gz", {"t/1.json": json.dumps([["f", 'lemma b: "y"']])})
    options = ProofStepOptions(prover="isabelle", tests="pisa", per="file")
    source = ProofStepSource("steps", options, assets={"pisa": tests})
    outcomes = [source.document(one) for one in source.records(RawFile(path, path.name)) if isinstance(one, Record)]
    assert [one.reason for one in outcomes[:-1] if isinstance(one, Refusal)] == ["test_theorem", "not_a_theorem"]
    document = outcomes[-1]
    assert isinstance(document, Document)
    first, second = document.text.split("\n\n")
    assert (first[:24], second[:24]) == ('[STATEMENT]\nlemma c: "z"', '[STATEMENT]\nlemma a: "x"')
    assert json.loads(document.meta) == {"file": "T", "proofs": 2, "length": 2}


def test_a_proof_has_the_same_id_wherever_it_stands_in_its_file(tmp_path: Path) -> None:
    source = ProofStepSource("steps", ProofStepOptions(prover="isabelle"))
    ids = []
    for pairs in (PAIRS["translations"], PAIRS["translations"][2:] + PAIRS["translations"][:2]):
        path = tmp_path / "x.thy_output.json"
        path.write_text(json.dumps({"translations": pairs}))
        ids.append({source.record_id(record) for record in source.records(RawFile(path, path.name))})
    assert ids[0] == ids[1]


def test_lean(tmp_path: Path) -> None:
    path = tmp_path / "Mathlib.Init.Set.txt"
    path.write_text("import Mathlib\n-- a b : ℕ\nsimp\n")
    source = ProofStepSource("steps", ProofStepOptions(prover="lean"))
    (record,) = source.records(RawFile(path, path.name))
    assert isinstance(record, Record)
    document = source.document(record)
    assert isinstance(document, Document)
    assert (document.subset, json.loads(document.meta)) == ("lean-proofsteps", {"mathlib_filename": "Mathlib.Init.Set"})


STATE = "α : Type u_1\ns t : Set α\nh : s ⊆ t\n⊢ s ∩ t = s"
OTHER = "α : Type u_1\ns t : Set α\nh : s ⊆ t\n⊢ s ∪ t = t"


def theorem(
    name: str, goal: str, path: str = "Mathlib/Init/Set.lean", line: int = 1, **other: object
) -> dict[str, object]:
    steps = [
        {"tactic": "intro x", "state_before": goal, "state_after": goal + "!", "annotated_tactic": ["intro x", []]},
        {"tactic": "simp", "state_before": goal + "!", "state_after": "no goals", "annotated_tactic": ["simp", []]},
    ]
    known = {"url": "https://example.org/mathlib4", "commit": "c" * 40, "file_path": path, "full_name": name}
    return {**known, "start": [line, 1], "end": [line + 3, 5], "traced_tactics": steps, **other}


def steps_of(
    folder: Path, name: str, text: str, tests: list[dict[str, object]] | None = None, rules: Rules = "corrected"
) -> list[Any]:
    (folder / "test.json").write_text(json.dumps(tests or []))
    path = folder / name
    path.write_text(text)
    options = ProofStepOptions(prover="lean", tests="dojo")
    source = ProofStepSource("steps", options, rules, assets={"dojo": folder / "test.json"})
    records = list(source.records(RawFile(path, name)))
    return [record if isinstance(record, BadRecord) else source.document(record) for record in records]


def block(goal: str, tactic: str) -> str:
    return f"[GOAL]\n{goal}\n[PROOFSTEP]\n{tactic}\n"


def test_the_theorems_of_leandojo_are_one_document_a_file_in_its_order(tmp_path: Path) -> None:
    theorems = [
        theorem("Set.union", OTHER, line=9), theorem("Nat.x", STATE, "Mathlib/Nat.lean"), theorem("Set.inter", STATE),
        theorem("bad", STATE, traced_tactics="no"), {"full_name": "worse"}, 3,
    ]  # fmt: skip
    found = steps_of(tmp_path, "train.json", json.dumps(theorems))
    bad, documents = found[:3], found[3:]
    assert [type(one) for one in bad] == [BadRecord] * 3
    assert [one.text for one in documents] == [
        block(STATE, "intro x") + block(STATE + "!", "simp") + block(OTHER, "intro x") + block(OTHER + "!", "simp"),
        block(STATE, "intro x") + block(STATE + "!", "simp"),
    ]
    assert json.loads(documents[0].meta) == {
        "commit": "c" * 40, "path": "Mathlib/Init/Set.lean", "repository": "https://example.org/mathlib4",
    }  # fmt: skip


def test_leandojos_test_theorems_are_left_out_by_file_and_whole_name(tmp_path: Path) -> None:
    test = theorem("Set.inter", STATE)
    theorems = [
        test,
        theorem("Set.union", OTHER),
        theorem("inter", OTHER, line=20),
        theorem("Set.inter", OTHER, "B.lean"),
    ]
    first, second = steps_of(tmp_path, "train.json", json.dumps(theorems), [test])
    assert second.text.count("[GOAL]") == 4
    assert STATE not in second.text
    assert json.loads(second.meta)["test_steps_removed"] == 2
    assert first.text.count("[GOAL]") == 2
    [only] = steps_of(tmp_path, "train.json", json.dumps([test]), [test])
    assert only == Refusal("test_theorem")
    assert len(steps_of(tmp_path, "train.json", json.dumps([test]), [test], "published")[0].text) > 0


def test_of_goals_alone_a_step_goes_whose_goal_is_a_tests(tmp_path: Path) -> None:
    text = block(STATE, "rw [h]") + block(OTHER, "simp") + block("⊢ True", "trivial")
    tests = [theorem("Set.inter", STATE), theorem("t", "⊢ True")]
    [document] = steps_of(tmp_path, "Mathlib.Init.Set.txt", text, tests)
    assert document.text == block(OTHER, "simp") + block("⊢ True", "trivial")
    [published] = steps_of(tmp_path, "Mathlib.Init.Set.txt", text, tests, "published")
    assert published.text == text


def test_the_long_form_is_brought_into_the_short_one(tmp_path: Path) -> None:
    def long(declaration: str, goal: str, tactic: str) -> str:
        fields = ("Mathlib.Init.Set", "61", declaration, goal, "64:2-64:27", tactic, "no goals")
        return "===\n" + "\n---\n".join(fields) + "\n---\n"

    text = long("theorem inter : a = b := by\n", "⊢ a = b", "rfl") + long("lemma union : b = a := by\n", OTHER, "simp")
    [document] = steps_of(tmp_path, "Mathlib.Init.Set.txt", text, [theorem("Set.inter", STATE)])
    assert document.text == block(OTHER, "simp")
    assert json.loads(document.meta) == {"mathlib_filename": "Mathlib.Init.Set", "test_steps_removed": 1}
    [bad] = steps_of(tmp_path, "Mathlib.Init.Set.txt", "===\nMathlib\n---\n61\n")
    assert "a block with" in bad.error


def test_what_is_no_list_of_theorems_is_one_failed_record(tmp_path: Path) -> None:
    for text in ("{", '{"a": 1}', "[1"):
        [bad] = steps_of(tmp_path, "train.json", text)
        assert isinstance(bad, BadRecord)
    (tmp_path / "x.txt").write_bytes(b"\xff")
    source = ProofStepSource("steps", ProofStepOptions(prover="lean"))
    assert isinstance(next(source.records(RawFile(tmp_path / "x.txt", "x.txt"))), BadRecord)


def trace(*theorems: tuple[str, str, str]) -> str:
    """A traced file as LeanDojo writes it: values escaped, then written as attributes."""
    root = etree.Element("TracedFile", path="Mathlib/Init/Set.lean", md5="0")
    tree = etree.SubElement(root, "FileNode")
    for tag, name, goal in theorems:
        node = etree.SubElement(etree.SubElement(tree, "CommandDeclarationNode"), tag, full_name=escape(name))
        inner = etree.SubElement(etree.SubElement(node, "TacticTacticseq1IndentedNode"), "OtherNode")
        inner.set("state_before", escape(goal))
        inner.set("tactic", escape("rw [a < b]"))
        inner.set("state_after", "no goals")
        etree.SubElement(node, "IdentNode", full_name="Set.mem")
    return etree.tostring(root).decode()


def test_a_traced_file_of_leandojo_is_one_document_without_its_tests(tmp_path: Path) -> None:
    text = trace(
        ("CommandTheoremNode", "Set.inter", STATE), ("LemmaNode", "Set.union", OTHER),
        ("MathlibTacticLemmaNode", "Set.x", "x < y \u22a2 \"a\" & b"),
    )  # fmt: skip
    [document] = steps_of(tmp_path, "Set.trace.xml", text, [theorem("Set.inter", STATE)])
    assert document.text == block(OTHER, "rw [a < b]") + block('x < y \u22a2 "a" & b', "rw [a < b]")
    assert json.loads(document.meta) == {"path": "Mathlib/Init/Set.lean", "test_steps_removed": 1}
    for wrong in ("<a/>", "<TracedFile", "", '<!DOCTYPE x [<!ENTITY a "b">]><TracedFile/>'):
        [bad] = steps_of(tmp_path, "Set.trace.xml", wrong)
        assert isinstance(bad, BadRecord)
        assert "no traced file of LeanDojo" in bad.error
