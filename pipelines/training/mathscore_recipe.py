"""Trains the math classifier as a recipe says: fetches and labels pages, trains, judges, writes it all down.

Written are the model, its sha256 in the form that `sha256sum -c` reads, `judgement.json`, and `README.md`, the model
card. None holds a time or a path of this machine, so that all of them are the same for the same pages.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import ValidationError

from manifests.errors import UserError
from manifests.mistakes import explain
from manifests.settings.training import MathScoreTraining, TrainingInput
from manifests.writing import sha256_of, write_text
from pipelines.training import judgement
from pipelines.training.card import card
from pipelines.training.inputs import files
from pipelines.training.judgement import Scored
from pipelines.training.labelled import LabelledSet, Split
from pipelines.training.mathscore import FastTextSettings, judge, train
from pipelines.training.pages import read_pages

MODEL = "mathscore.bin"
SHOWN_WORKS = 12
LEAST_PAGES = 50
"""Fewer pages of a label teach nothing; the command ends before training."""


class KnownSet(NamedTuple):
    """Pages whose class is known without a look at their LaTeX: they judge the model, and it never learns from them."""

    name: str
    about_math: bool
    inputs: tuple[str, ...]


class Trained(NamedTuple):
    """What training gave. `works` are those held back whole; `known`: the scores of each known set, by its name."""

    model: Path
    sha256: str
    pages: dict[str, int]
    held_back: list[Scored]
    works: tuple[str, ...]
    known: dict[str, list[Scored]]
    with_formulas_above: float
    without_formulas_above: float


def load_training(path: Path) -> MathScoreTraining:
    """Read a training recipe (YAML). Raises UserError with one line."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such training recipe") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    return training_from(data, str(path))


def training_from(data: object, name: str) -> MathScoreTraining:
    """Check the settings; `name` stands for their origin in errors. Raises UserError with one line."""
    try:
        return MathScoreTraining.model_validate(data)
    except ValidationError as error:
        raise UserError(explain(error, name, MathScoreTraining)) from None


def build(
    settings: MathScoreTraining,
    output: Path,
    *,
    known: Sequence[KnownSet] = (),
    cache: Path | None = None,
    say: Callable[[str], None] = print,
) -> Trained:
    """Do everything; `say` is told what happens, line by line. Raises UserError if there is too little to learn."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=output) as folder:
        work = Path(folder)
        with LabelledSet(work / "learn.txt", settings.rules) as pages:
            for number, item in enumerate(settings.inputs):
                _add(pages, item, work / f"input-{number}", cache)
                say(f"{item.address}: {pages.count(True):,} pages with LaTeX and {pages.count(False):,} without so far")
            for positive in (True, False):
                if pages.count(positive) < LEAST_PAGES:
                    kind = "with" if positive else "without"
                    found = pages.count(positive)
                    read = f"of {pages.read:,} pages read, {pages.too_short:,} too short"
                    raise UserError(
                        f"only {found} pages {kind} LaTeX ({read}); expected {LEAST_PAGES}: name more --input"
                    )
            split = pages.split(settings.held_back, settings.most, settings.balance, settings.held_back_by)
            learn, back = split.learn, split.back
            say(
                f"of {pages.read:,} pages {pages.too_short:,} are too short, {pages.repeated:,} repeat others, "
                f"{pages.left_out + pages.doubtful:,} without LaTeX are of works of mathematics"
            )
            say(f"training on {len(learn):,} pages, judging on {len(back):,} {_of_works(split, settings)}")
            model = output / MODEL
            train(pages.examples(learn, settings.snippets), _fasttext(settings), model)
            held_back = judge(model, pages.examples(back))
            counts = {
                "read": pages.read,
                "too_short": pages.too_short,
                "repeated": pages.repeated,
                "left_out": pages.left_out,
                "doubtful": pages.doubtful,
                "learned_positive": sum(place.positive for place in learn),
                "learned_negative": sum(not place.positive for place in learn),
                "held_back_positive": sum(place.positive for place in back),
                "held_back_negative": sum(not place.positive for place in back),
            }
        known_scores = {item.name: _judge_known(item, settings, model, work, cache) for item in known}
    trained = Trained(
        model,
        sha256_of(model),
        counts,
        held_back,
        tuple(sorted(split.works)),
        known_scores,
        judgement.threshold_keeping(held_back, settings.keep_positive),
        judgement.threshold_passing(held_back, settings.pass_negative),
    )
    _write(trained, settings, output)
    return trained


def _add(pages: LabelledSet, item: TrainingInput, folder: Path, cache: Path | None) -> None:
    for path, name in files(item.address, folder, sha256=item.sha256, fraction=item.fraction, cache=cache):
        pages.add(read_pages(path, name), _work(item.address), item.negatives)


def _work(address: str) -> str:
    """The name of the work that an address stands for: a package is one in all its versions."""
    return address.partition("==")[0] if address.startswith("pypi:") else address


def _of_works(split: Split, settings: MathScoreTraining) -> str:
    if split.works:
        more = ", …" if len(split.works) > SHOWN_WORKS else ""
        return f"of {len(split.works):,} works held back whole: {', '.join(sorted(split.works)[:SHOWN_WORKS])}{more}"
    few = " (too few works to hold whole ones back)" if settings.held_back_by == "work" else ""
    return f"of the same works{few}"


def _judge_known(
    item: KnownSet, settings: MathScoreTraining, model: Path, work: Path, cache: Path | None
) -> list[Scored]:
    folder = work / f"known-{hashlib.sha256(item.name.encode()).hexdigest()[:12]}"
    with LabelledSet(folder.with_suffix(".txt"), settings.rules) as pages:
        for number, address in enumerate(item.inputs):
            for path, name in files(address, folder / str(number), cache=cache):
                pages.add(read_pages(path, name))
        places = pages.split(1.0, settings.most, 1.0, "page").back
        return [Scored(page.score, item.about_math, page.kind) for page in judge(model, pages.examples(places))]


def _fasttext(settings: MathScoreTraining) -> FastTextSettings:
    return FastTextSettings(
        settings.dimension,
        settings.epochs,
        settings.learning_rate,
        settings.word_ngrams,
        settings.least_count,
        settings.buckets,
    )


def _write(trained: Trained, settings: MathScoreTraining, output: Path) -> None:
    write_text(output / f"{MODEL}.sha256", f"{trained.sha256}  {MODEL}\n")
    thresholds = {
        "with_formulas_above": trained.with_formulas_above,
        "without_formulas_above": trained.without_formulas_above,
    }
    told = {
        "sha256": trained.sha256,
        "pages": trained.pages,
        "thresholds": thresholds,
        "works_held_back": trained.works,
        "settings": settings.model_dump(mode="json", by_alias=True),
        "held_back": [quality._asdict() for quality in map(_at(trained.held_back), judgement.STEPS)],
        "calibration": [row._asdict() for row in judgement.calibration(trained.held_back)],
        "known": {
            name: {"pages": len(scores), "kept": {str(step): judgement.kept(scores, step) for step in judgement.STEPS}}
            for name, scores in trained.known.items()
        },
    }
    write_text(output / "judgement.json", json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    write_text(
        output / "README.md",
        card(
            settings,
            trained.sha256,
            trained.model.stat().st_size,
            trained.pages,
            thresholds,
            trained.held_back,
            trained.works,
            trained.known,
        ),
    )


def _at(pages: Sequence[Scored]) -> Callable[[float], judgement.Quality]:
    return lambda threshold: judgement.quality(pages, threshold)
