"""Proof steps as a source: one record a proof or module, refused ones listed."""

import io
import json
import tarfile
from pathlib import Path

from manifests.records import BadRecord, Document
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
