"""Proofs step by step: Isabelle's from PISA's extractions, Lean's from the output of lean-training-data.

Named in a recipe as `kind: pipelines.sources.proof_steps:ProofStepSource`. Isabelle's raw files are
`*.thy_output.json` or archives of them, each with many proofs (`filters.code.proof_steps`); Lean's are the text files
that `lake exe training_data MODULE --proofstep` prints, one a module of Mathlib, or archives of them, each one document
as process_lean_proofsteps.py of EleutherAI/math-lm keeps it.
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from filters.code.proof_steps import IsTest, Proof, finder_of_tests, isabelle_proofs, statements_of_tests
from manifests.errors import UserError
from manifests.records import BadRecord, Document
from pipelines.extraction.archives import packed_files as archives
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions


class ProofStepOptions(SourceOptions):
    """What a recipe may set under the options of a source of proof steps."""

    prover: Literal["isabelle", "lean"] = Field(description="Whose proofs the raw files hold.")
    tests: str | None = Field(
        default=None,
        description="The asset with PISA's test theorems (an archive of JSON files), left out of Isabelle's.",
    )


class ProofStepSource(Source):
    """Proof steps in the form of Proof-Pile-2."""

    kind: ClassVar[str] = "proof-steps"
    Options: ClassVar[type[SourceOptions]] = ProofStepOptions
    options: ProofStepOptions

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """Every proof of every extraction (Isabelle), or every module (Lean)."""
        ending = ".thy_output.json" if self.options.prover == "isabelle" else ".txt"
        with file.path.open("rb") as raw:
            packed = archives.is_archive(raw.read(512))
        if not packed:
            yield from self._of(file.name, file.path.read_bytes())
            return
        for member in archives.members(file.path, wanted=lambda name: name.endswith(ending)):
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
        if not text.strip():
            return Refusal("empty")
        return self.make(record, text, subset=f"{self.options.prover}-proofsteps", meta=record.info["meta"])

    def _of(self, key: str, content: bytes) -> Iterator[Record | BadRecord]:
        if self.options.prover == "lean":
            module = key.rsplit("/", 1)[-1].removesuffix(".txt")
            yield Record(key, content, {"meta": {"mathlib_filename": module}})
            return
        try:
            for proof in isabelle_proofs(content.decode("utf-8"), key, self._is_test):
                yield self._record(key, proof)
        except ValueError as error:
            yield BadRecord(key, str(error)[:200])

    def _record(self, key: str, proof: Proof) -> Record:
        payload = proof.text.encode("utf-8", "replace")
        digest = hashlib.blake2b(payload, digest_size=16).hexdigest()
        return Record(
            f"{key}#{digest}",
            payload,
            {"refused": proof.refused, "meta": {"file": proof.theory, "length": proof.steps}},
        )

    @cached_property
    def _is_test(self) -> IsTest:
        name = self.options.tests
        if name is None:
            return finder_of_tests((), self.rules)
        if name not in self.assets:
            raise UserError(f"sources.{self.name}.options.tests: no asset is called `{name}`")
        found: dict[str, None] = {}
        for member in archives.members(self.assets[name], wanted=lambda path: path.endswith(".json")):
            found.update(dict.fromkeys(statements_of_tests((member.content or b"[]").decode("utf-8"))))
        return finder_of_tests(tuple(found), self.rules)
