"""Hosts that see nothing of the build's machine read its files through the bucket, and make the same documents."""

from pathlib import Path

import pytest

from manifests import mirror, store
from manifests.recipe import parse_recipe
from pipelines.corpus.folder import Corpus
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.engine.worker import Unit
from pipelines.stages import extract
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from pipelines.stages.lending import lent
from tests.pipelines.stages.test_frame import outputs

ADDRESS = "s3://corpora/lent/corpus"
RECIPE = """
name: lent
assets: {list: {from: in/list.json}}
sources:
  - {name: papers, kind: arxiv, options: {papers: main_files, metadata: list}, inputs: [in/tex]}
  - {name: code, kind: code, inputs: [in/code]}
  - {name: rows, kind: dataset, inputs: [in/rows.jsonl]}
"""
FILES = {
    "tex/paper/main.tex": r"\documentclass{article}\begin{document}We say:\input{parts/said}\end{document}",
    "tex/paper/parts/said.tex": "what stands in another file.",
    "tex/paper/photo.png": "no text",
    "code/LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy",
    "code/sums/sum.py": "import numpy as np\n\n\ndef total(values):\n    return np.sum(values)\n",
    "rows.jsonl": '{"text": "a row"}\n',
    "list.json": "",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def job(folder: Path, place: str) -> Build:
    recipe = parse_recipe(RECIPE, "lent.yaml")
    corpus = Corpus(mirror.opened(place))
    corpus.adopt(recipe)
    return bring(Build(recipe, corpus, Engine(), Progress(quiet=True), "lent.yaml", folder))


def planned(build: Build) -> list[Unit]:
    return list(extract.plan(build.root, build.recipe, build.raw, build.assets, build.digests, build.folder))


def test_a_host_that_sees_no_file_of_the_recipe_makes_the_same_documents(
    endpoint: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = job(here, str(here / "alone"))
    extract.run(alone)
    driver = job(here, ADDRESS)
    sent = lent(driver.root, planned(driver))
    (here / "in").rename(here / "gone")
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "host"))
    root = mirror.folder_for(ADDRESS)
    assert root != driver.root
    for unit in sent:
        extract.work(unit.moved(str(root)))
    made = {name: digest for name, digest in outputs(alone.root).items() if name.startswith("documents")}
    assert len(made) == 3
    assert {name: digest for name, digest in outputs(root).items() if name.startswith("documents")} == made
    assert not list(root.rglob("photo.png")), "what no paper reads is not sent"


def test_what_was_lent_is_taken_back_and_is_no_part_of_the_corpus(endpoint: str, here: Path) -> None:
    driver = job(here, ADDRESS)
    lent(driver.root, planned(driver))
    bucket = store.Bucket(ADDRESS)
    assert len(bucket.list(mirror.LENT)) == len(FILES) - 1
    mirror.pull(driver.root)
    assert not (driver.root / mirror.LENT).exists()
    mirror.take_back(driver.root)
    assert not bucket.list(mirror.LENT)


def test_a_file_that_has_changed_is_lent_under_another_name(endpoint: str, here: Path) -> None:
    root = mirror.opened(ADDRESS)
    one, other = here / "in/rows.jsonl", here / "in/list.json"
    before = mirror.lend(root, [one, other])
    assert mirror.lend(root, [other, one]) == before
    one.write_text('{"text": "another row"}\n')
    assert mirror.lend(root, [one, other]) != before


def test_units_whose_files_are_in_the_corpus_are_left_as_they_are(endpoint: str, here: Path) -> None:
    driver = job(here, ADDRESS)
    [unit] = [unit for unit in planned(driver) if unit.source == "rows"]
    inside = unit._replace(payload=unit.payload.replace(str(here / "in"), str(driver.root / "raw")))
    assert lent(driver.root, [inside]) == [inside]
    assert not store.Bucket(ADDRESS).list(mirror.LENT)
