"""The published splits: seeds and sizes of each part, and near copies, of which only the corrected rules know."""

from pathlib import Path

import numpy as np
import pytest

from manifests.records import DUPLICATE, REJECTED, Document, Duplicate, Rejected
from pipelines.shards.published_splits import github_splits, paper_splits, stack_splits, step_splits
from pipelines.stages import shard
from pipelines.stages.build import Build
from tests.pipelines.stages.shard_corpora import corpus_of, listed, model, rows

__all__ = ["model"]


def places(drawn, split: str) -> list[int]:
    return sorted(place for place, one in drawn.items() if one == split)


@pytest.mark.parametrize(("count", "size"), [(3, 1), (199, 1), (400, 2), (10_000, 50)])
def test_a_language_gives_its_tail_after_shuffling(count: int, size: int) -> None:
    order = np.random.default_rng(74).permutation(count)
    assert places(stack_splits(count), "test") == sorted(order[count - size :])
    assert places(stack_splits(count), "validation") == sorted(order[count - 2 * size : count - size])
    order = np.random.RandomState(72).permutation(count)
    assert places(github_splits(count), "test") == sorted(order[count - size :])
    assert places(github_splits(count), "validation") == sorted(order[count - 2 * size : count - size])


def test_the_published_draws_as_numbers() -> None:
    assert places(stack_splits(1000), "test") == [85, 136, 357, 676, 987]
    assert places(github_splits(1000), "test") == [46, 74, 472, 787, 869]
    assert places(step_splits(1000), "validation") == [106, 130, 256, 422, 428, 475, 540, 548, 645, 745, 782]


def test_the_shuffle_is_that_of_datasets() -> None:
    datasets = pytest.importorskip(
        "datasets", reason="`datasets`, one of the readers that shards are for, is no dependency"
    )
    order = datasets.Dataset.from_dict({"n": list(range(500))}).shuffle(seed=74)["n"]
    assert places(stack_splits(500), "test") == sorted(order[-2:])


def test_proof_steps_are_drawn_row_by_row() -> None:
    drawn = step_splits(20_000)
    assert drawn.keys() >= step_splits(1000).keys()
    assert 60 < len(places(drawn, "validation")) < 140
    assert 60 < len(places(drawn, "test")) < 140


def test_the_last_hundredth_of_a_file_of_papers() -> None:
    assert paper_splits(99) == {}
    assert paper_splits(500) == {495: "validation", 496: "validation", 497: "test", 498: "test", 499: "test"}


def published(build: Build, kind: str, rules: str = "published") -> Build:
    source = build.recipe.sources[0].model_copy(update={"kind": kind, "rules": rules})
    return Build(**{**build.__dict__, "recipe": build.recipe.model_copy(update={"sources": (source,)})})


def ids_in(root: Path, split: str) -> set[str]:
    return {name for row in rows(root, split) for name in row["ids"]}


def test_languages_are_split_each_for_itself_and_without_what_is_left_out(tmp_path: Path, model: Path) -> None:
    languages = {"python": 300, "coq": 30, "agda": 1}
    chosen = [
        Document(f"{lang}:{n}", "toy", lang, f"the {n}") for lang, count in languages.items() for n in range(count)
    ]
    build = published(corpus_of(tmp_path / "c", model, chosen, "layout: documents, validation: 0.5"), "code")
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("coq:3", "toy", "filter", "short")])
    shard.run(build)
    for split in ("validation", "test"):
        found = sorted(name.split(":")[0] for name in ids_in(build.root, split))
        assert found == (["coq", "python"] if split == "validation" else ["agda", "coq", "python"])
    assert "coq:3" not in ids_in(build.root, "train")
    assert len(ids_in(build.root, "train")) == 331 - 1 - 5


def test_near_copies_may_straddle_published_splits_and_never_the_corrected_ones(tmp_path: Path, model: Path) -> None:
    chosen = [Document(f"p:{n}", "toy", "", f"the {n}") for n in range(400)]
    copies = [Duplicate(f"p:{n}", "p:0", "minhash", 0.9, "p:0") for n in range(1, 400)]
    straddles = {}
    for rules in ("published", "corrected"):
        made = corpus_of(
            tmp_path / rules, model, chosen, "layout: documents, duplicates: keep, validation: 0.3, test: 0.3"
        )
        build = published(made, "arxiv", rules)
        listed(build, "duplicates/toy/u0", DUPLICATE, copies)
        shard.run(build)
        straddles[rules] = sum(bool(ids_in(build.root, split)) for split in ("train", "validation", "test"))
    assert straddles == {"published": 3, "corrected": 1}


def test_web_pages_were_split_in_no_published_way(tmp_path: Path, model: Path) -> None:
    chosen = [Document(f"w:{n}", "toy", "", f"the {n}") for n in range(40)]
    sets = []
    for rules in ("published", "corrected"):
        build = published(corpus_of(tmp_path / rules, model, chosen, "layout: documents, test: 0.3"), "web", rules)
        shard.run(build)
        sets.append(ids_in(build.root, "test"))
    assert sets[0] == sets[1] != set()
