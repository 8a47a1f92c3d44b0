"""An archive's name tells which repository it holds, and where its files can be read."""

import json
from pathlib import Path

import pytest

from manifests import ledger
from manifests.errors import UserError
from manifests.mistakes import Mistakes
from manifests.recipe import parse_recipe
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import Corpus
from pipelines.engine.progress import Progress
from pipelines.sources.repositories import Repository, repository_of
from pipelines.stages import extract, plan
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.fetching.github_server import Repository as Planted
from tests.pipelines.fetching.github_server import github
from tests.pipelines.stages.test_extract import column

COMMIT = "a" * 40
RECIPE = """\
name: proofs
sources:
  - {{name: code, kind: code, keep_raw: {keep}, inputs: ['github:language:coq#from=2020-01&until=2020-02']}}
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("github.com/ann/sums.tar.gz", Repository("ann/sums", "https://github.com/ann/sums", wrapped=True)),
        (f"ann/sums/archive/{COMMIT}.tar.gz", Repository("ann/sums", "https://github.com/ann/sums", wrapped=True)),
        ("ann/sums/archive/refs/tags/v1.zip", Repository("ann/sums", "https://github.com/ann/sums", wrapped=True)),
        ("git.example.org/group/sub/sums.git.tar", Repository("group/sub/sums")),
        ("sums.git.tar", Repository("sums")),
        ("in/sympy-1.13.3.tar.gz", Repository("sympy-1.13.3")),
    ],
)
def test_repositories_are_told_by_the_names_of_their_archives(name: str, expected: Repository) -> None:
    assert repository_of(name) == expected


def test_paths_and_addresses_begin_behind_the_folder_around_everything() -> None:
    found = repository_of("github.com/ann/sums.tar.gz")
    assert found.path("ann-sums-aaaaaaa/src/a.v") == "src/a.v"
    assert found.url("ann-sums-aaaaaaa/src/a.v", COMMIT) == f"https://github.com/ann/sums/blob/{COMMIT}/src/a.v"
    assert found.url("ann-sums-aaaaaaa/src/a.v", "") is None
    assert repository_of("sums.git.tar").path("src/a.v") == "src/a.v"


def test_a_language_of_github_is_built_and_what_is_gone_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with github() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.server.url)
        files = {"src/a.v": "Lemma a : 1 = 1.\nProof. reflexivity. Qed.\n", "README.md": "no"}
        commits = [("2020-02-02T00:00:00Z", COMMIT)]
        server.repositories |= {
            "ann/sums": Planted("2020-01-05T00:00:00Z", commits=commits, files=files),
            "bob/gone": Planted("2020-01-06T00:00:00Z", status=404),
            "eve/young": Planted("2020-02-06T00:00:00Z", commits=[("2021-01-01T00:00:00Z", "b" * 40)]),
        }
        server.route()
        recipe = parse_recipe(RECIPE.format(keep="false"), "proofs.yaml")
        corpus = Corpus(tmp_path / "out")
        corpus.adopt(recipe)
        build = bring(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "proofs.yaml", tmp_path))
        extract.run(build)
        manifest.write(build.root, build.recipe)
    assert list(verify.verify(build.root)) == []
    entries = list(ledger.read_entries(build.root, "extract"))
    assert [(entry.kept, entry.rejected) for entry in sorted(entries, key=lambda entry: -entry.kept)] == [
        (1, {}), (0, {"not_there": 1}), (0, {"not_there": 1}),
    ]  # fmt: skip
    assert sorted(column(build.root, "rejected", "detail")) == [
        "github.com/bob/gone.tar.gz: github:bob/gone: not there (the server answers 404)",
        "github.com/eve/young.tar.gz: github:eve/young: no commit before 2020-03-01",
    ]
    [address], [meta] = column(build.root, "documents", "url"), column(build.root, "documents", "meta")
    assert address == f"https://github.com/ann/sums/blob/{COMMIT}/src/a.v"
    assert {key: json.loads(meta)[key] for key in ("path", "repository")} == {
        "path": "src/a.v", "repository": "ann/sums",
    }  # fmt: skip


def test_a_search_whose_raw_files_are_kept_is_a_mistake_told_before_any_work(tmp_path: Path) -> None:
    mistakes = Mistakes()
    plan.look(parse_recipe(RECIPE.format(keep="true"), "proofs.yaml"), "proofs.yaml", mistakes, tmp_path)
    with pytest.raises(UserError, match=r"sources\.code\.inputs\.0: what a search finds .* expected keep_raw: false"):
        mistakes.settle()
