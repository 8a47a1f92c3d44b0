"""Files of texts as deduplication takes them: a build's documents files, or the raw files of a command."""

from pathlib import Path
from typing import NamedTuple

from manifests.ledger import InputFact
from pipelines.corpus import texts
from pipelines.corpus.folder import DocumentsFile
from pipelines.stages.build import Build
from pipelines.stages.matching import signing


class InputFile(NamedTuple):
    """A file of texts to deduplicate. `stem` names its outputs; `ours`: it has the columns of a documents file.

    `excluded` are lists of ids that take no part.
    """

    key: str
    source: str
    stem: str
    path: Path
    fact: InputFact
    ours: bool = True
    excluded: tuple[str, ...] = ()
    id_key: str | None = None
    text_key: str = "text"


def of_corpus(build: Build) -> list[InputFile]:
    """The documents files of a build, each with the list of what the filter stage rejected."""
    return [_of_documents(build.root, file) for file in build.corpus.documents()]


def of_raw(build: Build, id_key: str | None, text_key: str) -> list[InputFile]:
    """The raw files of a build whose sources are files of texts already, read where they lie."""
    found = []
    for file in texts.of_raw(build.raw):
        path = Path(file.path)
        ours = id_key is None and text_key == "text" and signing.is_documents(path)
        found.append(InputFile(file.key, file.source, file.stem, path, file.input(), ours, (), id_key, text_key))
    return found


def _of_documents(root: Path, file: DocumentsFile) -> InputFile:
    rejected = root / "rejected" / "filter" / f"{file.stem}.parquet"
    lists = (str(rejected),) if rejected.is_file() else ()
    return InputFile(file.key, file.source, file.stem, root / file.path, file.input(), True, lists)
