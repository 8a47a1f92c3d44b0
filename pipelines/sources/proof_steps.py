"""Proofs step by step: Isabelle's from PISA's extractions, Lean's from lean-training-data's or LeanDojo's.

Named in a recipe as `kind: pipelines.sources.proof_steps:ProofStepSource`. Raw files, or archives of them, are:
Isabelle's `*.thy_output.json`, each with many proofs (`filters.code.proof_steps`); what `lake exe training_data MODULE`
prints, with or without `--proofstep`, as one `.txt` a module of Mathlib, each one document as
process_lean_proofsteps.py of EleutherAI/math-lm keeps it; and LeanDojo's lists of traced theorems (`.json`), of which
those of one Lean file are one document, and its traced files (`.trace.xml`; `pipelines.sources.lean_traces`).
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from filters.code import lean_steps
from filters.code.proof_steps import IsTest, Proof, finder_of_tests, isabelle_proofs, statements_of_tests
from manifests.errors import UserError
from manifests.records import BadRecord, Document
from pipelines.extraction.archives import packed_files as archives
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions
from pipelines.sources.lean_traces import traced
from pipelines.sources.test_sets import leandojo_items

LIMITS = archives.Limits(member=1 << 30)
"""LeanDojo's lists have some hundred megabytes."""


class ProofStepOptions(SourceOptions):
    """What a recipe may set under the options of a source of proof steps."""

    prover: Literal["isabelle", "lean"] = Field(description="Whose proofs the raw files hold.")
    per: Literal["proof", "file"] = Field(
        default="proof",
        description="Of Isabelle: one document a proof, as published, or one for all proofs of a theory.",
    )
    tests: str | None = Field(
        default=None,
        description="The asset with the test theorems that are left out: PISA's (an archive of JSON files) of "
        "Isabelle's, LeanDojo's benchmark (an archive, or random/test.json) of Lean's (not under published rules).",
    )


class ProofStepSource(Source):
    """Proof steps in the form of Proof-Pile-2."""

    kind: ClassVar[str] = "proof-steps"
    Options: ClassVar[type[SourceOptions]] = ProofStepOptions
    options: ProofStepOptions

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """Every proof of every extraction (Isabelle), or every module or file (Lean)."""
        endings = (".thy_output.json",) if self.options.prover == "isabelle" else (".txt", ".json", ".trace.xml")
        with file.path.open("rb") as raw:
            packed = archives.is_archive(raw.read(512))
        if not packed:
            yield from self._of(file.name, file.path.read_bytes())
            return
        for member in archives.members(file.path, LIMITS, lambda name: name.endswith(endings)):
            key = f"{file.name}/{member.path}"
            if member.content is None:
                yield BadRecord(key, member.error or "longer than a proof can be")
            else:
                yield from self._of(key, member.content)

    def document(self, record: Record) -> Document | Refusal:
        """The proof, unless it is no theorem or of the test set."""
        if refused := record.info.get("refused"):
            return Refusal(refused)
        text = record.payload.decode("utf-8")
        meta = dict(record.info["meta"])
        if removed := record.info.get("removed"):
            meta["test_steps_removed"] = removed
        if not text.strip():
            return Refusal("test_theorem" if removed else "empty")
        return self.make(record, text, subset=f"{self.options.prover}-proofsteps", meta=meta)

    def _of(self, key: str, content: bytes) -> Iterator[Record | BadRecord]:
        try:
            if self.options.prover == "isabelle":
                yield from self._theory(key, content.decode("utf-8"))
            elif key.endswith(".json"):
                yield from self._traced(key, content)
            elif key.endswith(".xml"):
                path, steps = traced(content)
                yield self._file(key, steps, path, {"path": path})
            else:
                yield self._module(key, content)
        except ValueError as error:
            yield BadRecord(key, str(error)[:200])

    def _theory(self, key: str, content: str) -> Iterator[Record]:
        """The proofs of one extraction; those that are refused are records of their own either way."""
        kept: list[Proof] = []
        for proof in isabelle_proofs(content, key, self._is_test):
            if proof.refused or self.options.per == "proof":
                yield self._record(key, proof)
            else:
                kept.append(proof)
        if kept:
            meta = {"file": kept[0].theory, "proofs": len(kept), "length": sum(proof.steps for proof in kept)}
            yield Record(key, "\n\n".join(proof.text for proof in kept).encode("utf-8", "replace"), {"meta": meta})

    def _module(self, key: str, content: bytes) -> Record:
        """What lean-training-data prints of a module."""
        module = key.rsplit("/", 1)[-1].removesuffix(".txt")
        text = content.decode("utf-8")
        path = module.replace(".", "/") + ".lean"
        long = lean_steps.is_long_form(text)
        steps = lean_steps.of_long_form(text, path, self._tests) if long else lean_steps.of_goals(text, self._tests)
        info = {"meta": {"mathlib_filename": module}, "removed": steps.removed}
        return Record(key, steps.text.encode(), info)

    def _traced(self, key: str, content: bytes) -> Iterator[Record | BadRecord]:
        """LeanDojo's theorems, those of one Lean file together in its order; a theorem that is none costs itself."""
        theorems = json.loads(content)
        if not isinstance(theorems, list):
            raise ValueError("no list of LeanDojo's theorems")
        files: dict[str, list[tuple[Any, list[lean_steps.Step]]]] = {}
        about: dict[str, dict[str, Any]] = {}
        for number, theorem in enumerate(theorems):
            try:
                steps = list(lean_steps.of_theorem(theorem if isinstance(theorem, dict) else {}))
            except ValueError as error:
                yield BadRecord(f"{key}#{number}", str(error)[:200])
                continue
            path = theorem["file_path"]
            files.setdefault(path, []).append((theorem.get("start") or [], steps))
            about[path] = {"path": path, "repository": theorem.get("url"), "commit": theorem.get("commit")}
        for path in sorted(files):
            ordered = [step for _, steps in sorted(files[path], key=lambda one: one[0]) for step in steps]
            yield self._file(f"{key}#{path}", ordered, path, about[path])

    def _file(self, key: str, steps: list[lean_steps.Step], path: str, about: dict[str, Any]) -> Record:
        """The steps of one Lean file that LeanDojo traced."""
        text, removed = lean_steps.of_theorems(steps, path, self._tests)
        return Record(key, text.encode("utf-8", "replace"), {"meta": about, "removed": removed})

    def _record(self, key: str, proof: Proof) -> Record:
        payload = proof.text.encode("utf-8", "replace")
        digest = hashlib.blake2b(payload, digest_size=16).hexdigest()
        return Record(
            f"{key}#{digest}",
            payload,
            {"refused": proof.refused, "meta": {"file": proof.theory, "length": proof.steps}},
        )

    @cached_property
    def _tests(self) -> lean_steps.LeanTests:
        """Lean's test theorems; the published program leaves none out."""
        asset = self._asset()
        return lean_steps.LeanTests(leandojo_items([asset]) if asset and self.rules == "corrected" else ())

    @cached_property
    def _is_test(self) -> IsTest:
        asset = self._asset()
        if asset is None:
            return finder_of_tests((), self.rules)
        found: dict[str, None] = {}
        for member in archives.members(asset, wanted=lambda path: path.endswith(".json")):
            found.update(dict.fromkeys(statements_of_tests((member.content or b"[]").decode("utf-8"))))
        return finder_of_tests(tuple(found), self.rules)

    def _asset(self) -> Path | None:
        name = self.options.tests
        if name is not None and name not in self.assets:
            raise UserError(f"sources.{self.name}.options.tests: no asset is called `{name}`")
        return self.assets[name] if name is not None else None
