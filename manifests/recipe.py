"""The recipe: a YAML file that says what goes into a corpus and by which rules, and its typed model.

A recipe names its assets (models, tokenizers), its sources with their inputs, the thresholds, and the settings of
deduplication, overlap and shards. Every key is checked when the file is read; a mistake is one line that names the
file, the line, the key and what was expected. The recipe's hash covers its meaning, not its comments.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from manifests.errors import UserError
from manifests.mistakes import (
    Disagreement,
    Disagreements,
    Lines,
    Mistakes,
    Place,
    explain,
    keys_of,
    mistakes,
    no_yaml,
    switches_for_numbers,
)
from manifests.records import Rules, to_json
from manifests.settings.dedup import DedupSettings
from manifests.settings.limits import LimitSettings
from manifests.settings.overlap import OverlapSettings, with_known_benchmarks
from manifests.settings.shards import ShardSettings
from manifests.settings.strings import Day, Sha256, Slug
from manifests.settings.thresholds import Threshold

RESERVED = frozenset({"assets"})
"""Names that no source may have, because what is fetched for all sources lies there."""
MOST_ROUNDS = 8
"""So often entries at fault are left out to find what else is wrong."""


class Model(BaseModel):
    """Base of all parts of a recipe: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Asset(Model):
    """A file that stages need besides the raw input: a classifier, a tokenizer, a test set."""

    address: str = Field(alias="from", description="Where it is: pypi:, hf:, s3:, gs:, https: or a path.")
    sha256: Sha256 | None = Field(default=None, description="Of the file, or for `pypi:` of the archive it lies in.")
    licence: str | None = Field(default=None, description="SPDX identifier or a short statement.")


class Input(Model):
    """Some raw input of a source."""

    address: str = Field(alias="from", description="Where it is: pypi:, hf:, s3:, gs:, https: or a path; * matches.")
    sha256: Sha256 | None = Field(
        default=None, description="Of the file, or for `pypi:` of the archive; checked when fetched."
    )
    fraction: float | None = Field(
        default=None, gt=0, le=1, description="Share of the files to take, instead of the recipe's."
    )
    index: str | None = Field(
        default=None, description="The files name records of archives below this address; these come."
    )
    addresses: tuple[str, ...] = Field(
        default=(),
        description="Of the records that an index names, only pages of these lists (rows with `url`) are taken.",
    )


class Score(Model):
    """A score computed for every document of the sources that name it."""

    kind: str = Field(description="language, math_score, perplexity, or module:Class of your own.")
    model: str | None = Field(default=None, description="Name of the asset that holds the model.")
    options: dict[str, Any] = Field(default_factory=dict, description="Further arguments of the scorer.")


class EditEntry(Model):
    """A rule that changes the texts of a source."""

    kind: str = Field(description="personal_data, or module:Class of your own.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the edit.")


class RawSize(Model):
    """About how much raw input a source has elsewhere; nothing depends on it but the plan."""

    gb: float = Field(gt=0, le=1e9, description="Gigabytes, of all files or records.")
    files: int = Field(gt=0, le=10**12, description="How many files, or records that an index names.")
    text_gb: float | None = Field(
        default=None, gt=0, description="Gigabytes of text that become of them, where it is known."
    )


class SourceEntry(Model):
    """One source: where its raw files are, how they are read, which thresholds its documents must pass."""

    name: Slug = Field(description="Short name; part of every id and output path.")
    kind: str = Field(description="web, arxiv, code, dataset, or module:Class of your own.")
    inputs: tuple[Input, ...] = Field(min_length=1, description="Raw input; a plain string is short for {from: …}.")
    rules: Rules | None = Field(default=None, description="published or corrected, instead of the recipe's.")
    licence: str | None = Field(default=None, description="Licence of documents that do not state their own.")
    cutoff: Day | None = Field(default=None, description="Last date of the material, for the record.")
    size: str | None = Field(
        default=None, description="What the raw input amounts to, where it is known; shown by --dry-run."
    )
    raw: RawSize | None = Field(
        default=None, description="How much there is of input elsewhere, for the plan of --dry-run."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the kind of source.")
    edits: tuple[EditEntry, ...] = Field(
        default=(),
        description="Rules that change texts, in this order, before scores; a plain string is short for {kind: …}. "
        "None runs under published rules.",
    )
    scores: tuple[str, ...] = Field(default=(), description="Scores to compute, in this order.")
    filters: tuple[Threshold, ...] = Field(
        default=(), description="Thresholds on scores, in this order; the first that fails names the reason."
    )
    weight: float = Field(
        default=1.0, gt=0, le=1000, description="Mixture weight: its part in the training tokens, whatever its size."
    )
    epochs: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="How often the source is passed over in the shards, instead of a weight.",
    )
    keep_raw: bool = Field(
        default=True, description="False: a raw file is fetched by the worker that reads it, then removed."
    )

    @model_validator(mode="before")
    @classmethod
    def _short_entries(cls, data: Any) -> Any:
        for key, short in (("inputs", "from"), ("edits", "kind")):
            if isinstance(data, dict) and isinstance(data.get(key), list):
                data = {**data, key: [{short: item} if isinstance(item, str) else item for item in data[key]]}
        return data


class Recipe(Model):
    """A whole recipe."""

    name: Slug = Field(description="Short name of the corpus.")
    description: str = Field(default="", description="What the corpus is, for its card.")
    rules: Rules = Field(
        default="corrected", description="published: as the published corpora were made; corrected: as meant."
    )
    fraction: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of every source's raw files to take; a larger one holds a smaller one.",
    )
    seed: int = Field(default=0, description="Seed of every choice by hash (fraction, splits, mixture).")
    limits: LimitSettings = LimitSettings()
    assets: dict[Slug, Asset] = Field(default_factory=dict)
    scores: dict[Slug, Score] = Field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = Field(min_length=1)
    dedup: DedupSettings | None = Field(default=None, description="Leave out to keep duplicates.")
    overlap: OverlapSettings | None = Field(default=None, description="Leave out to skip the check against benchmarks.")
    shards: ShardSettings | None = Field(default=None, description="Leave out to stop before tokenization.")

    @model_validator(mode="before")
    @classmethod
    def _known_benchmarks(cls, data: Any) -> Any:
        return with_known_benchmarks(data)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        found = [*self._sources_disagree(), *self._assets_disagree()]
        if found:
            raise Disagreements(found)
        return self

    def _sources_disagree(self) -> Iterator[Disagreement]:
        names = [source.name for source in self.sources]
        by_weight = self.shards is not None and self.shards.repeat
        for position, name in enumerate(names):
            if by_weight and self.sources[position].epochs is not None:
                message = (
                    "the mixture is made by weights, which decide how often a source is repeated; expected only one"
                )
                yield Disagreement(("sources", position, "epochs"), f"{message} of the two")
            if name in RESERVED:
                message = f"`{name}` is the name of a part of every corpus; expected another"
                yield Disagreement(("sources", position, "name"), message)
            if name in names[:position]:
                message = f"two sources are called `{name}`; names must differ"
                yield Disagreement(("sources", position, "name"), message)
        for key in ("chunks", "addresses", "priority"):
            for name in getattr(self.dedup, key) if self.dedup else ():
                if name not in names:
                    message = f"no source is called `{name}`; sources: {_list(names)}"
                    yield Disagreement(("dedup", key), message, name)
        for position, source in enumerate(self.sources):
            for place, name in enumerate(source.scores):
                at = ("sources", position, "scores")
                if name not in self.scores:
                    yield Disagreement(at, f"no score is called `{name}`; scores: {_list(self.scores)}", name)
                elif name in source.scores[:place]:
                    yield Disagreement(at, f"`{name}` is named twice")

    def _assets_disagree(self) -> Iterator[Disagreement]:
        named: list[tuple[tuple[str, ...], str | None]] = [
            (("scores", key, "model"), score.model) for key, score in self.scores.items()
        ]
        for key, benchmark in (self.overlap.benchmarks if self.overlap else {}).items():
            named += [(("overlap", "benchmarks", key, "asset"), asset) for asset in benchmark.assets().values()]
        if self.shards is not None:
            named.append((("shards", "tokenizer"), self.shards.tokenizer))
        for place, name in named:
            if name is not None and name not in self.assets:
                yield Disagreement(place, f"no asset is called `{name}`; assets: {_list(self.assets)}", name)

    def source(self, name: str) -> SourceEntry:
        """The source of that name. Raises KeyError."""
        for source in self.sources:
            if source.name == name:
                return source
        raise KeyError(name)

    def as_json(self) -> str:
        """The recipe's meaning as canonical JSON."""
        return to_json(self.model_dump(mode="json", by_alias=True))

    @property
    def sha256(self) -> str:
        """Hash of the recipe's meaning: comments, order of keys and spelled-out defaults do not change it."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()


class BrokenRecipe(UserError):
    """A recipe with mistakes; `rest` is the recipe without the entries they stand in, where enough is left of it.

    `without`: where these entries stood. What is said of an entry that lost a part may only follow from that.
    """

    def __init__(self, lines: str, rest: Recipe | None = None, without: Sequence[Place] = ()) -> None:
        super().__init__(lines)
        self.rest = rest
        self.without = tuple(without)


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe. Raises UserError: a line a mistake, with file, line, key and what was expected."""
    return parse_recipe(read_text(path), str(path))


def kinds(path: Path) -> list[str]:
    """The kinds of sources that a recipe names, as far as can be told from its text; mistakes are told elsewhere."""
    try:
        return sorted({entry.kind for entry in load_recipe(path).sources})
    except UserError:
        return []


def read_text(path: Path) -> str:
    """The text of a recipe. Raises UserError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path}: no such recipe") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 from byte {error.start} on; expected a recipe in UTF-8") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read as a recipe: {error.strerror}") from None


def lines_of(text: str, name: str) -> Lines:
    """Where the keys of a recipe's text stand. Raises UserError for what is no YAML."""
    try:
        return Lines(yaml.compose(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UserError(no_yaml(error, text, name)) from None


def parse_recipe(text: str, name: str) -> Recipe:
    """Check a recipe's text; `name` stands for the file in errors. Raises BrokenRecipe, or UserError for no YAML."""
    lines = lines_of(text, name)
    if unreadable := [*lines.halves(name), *lines.unreadable(name)]:
        raise UserError("\n".join(unreadable))
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UserError(no_yaml(error, text, name)) from None
    if not isinstance(data, dict):
        raise UserError(f"{name}: expected a mapping with the keys {', '.join(keys_of(Recipe))}")
    doubled = Mistakes()
    for line in (*lines.doubled(name), *lines.odd_numbers(name), *switches_for_numbers(data, Recipe, name, lines)):
        doubled.add(line)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        doubled.add(explain(error, name, Recipe, lines))
        raise _broken(data, error, name, lines, doubled) from None
    if doubled.lines:
        raise BrokenRecipe("\n".join(doubled.lines), recipe)
    return recipe


def _broken(data: Any, error: ValidationError, name: str, lines: Lines, found: Mistakes) -> BrokenRecipe:
    """What was found, and what else there is to find where the entries at fault are left out."""
    removed: list[Place] = []
    for _ in range(MOST_ROUNDS):
        places = {_at_fault(data, mistake.place) for mistake in mistakes(error, name, Recipe)}
        if any(place is None for place in places):
            break
        for place in sorted((place for place in places if place), key=str):
            removed.append(place)
            data = _without(data, place)
        try:
            return BrokenRecipe("\n".join(found.lines), Recipe.model_validate(data), removed)
        except ValidationError as further:
            error = further
            for mistake in mistakes(error, name, Recipe, lines):
                if mistake.about and all(mistake.about != place[-1] for place in removed):
                    found.add(mistake.line)
    return BrokenRecipe("\n".join(found.lines))


def _at_fault(data: Any, place: Place) -> Place | None:
    """The entry to leave out for a mistake at `place`: itself, or what lacks it; None where that is a whole source.

    Of a list all goes, as positions must not change; with the scores of a source go the thresholds on them.
    """
    if place == ("name",):
        return place  # another stands in for it
    place = place[: next((at for at, part in enumerate(place) if isinstance(part, int) and at > 1), len(place))]
    while place and _at(data, place) is _NOTHING:
        place = place[:-1]
    whole = len(place) < 2 if place[:1] == ("sources",) else not place
    return None if whole or (len(place) == 2 and isinstance(place[1], int)) else place


_NOTHING = object()


def _without(data: Any, place: Place) -> Any:
    """`data` without the value at `place`, if it is still there."""
    if place == ("name",):
        return {**data, "name": "nameless"}
    if _at(data, place) is _NOTHING:
        return data
    gone = {place[-1], "filters"} if place[0] == "sources" and place[-1] == "scores" else {place[-1]}
    return _replaced(data, place[:-1], {key: value for key, value in _at(data, place[:-1]).items() if key not in gone})


def _at(data: Any, place: Place) -> Any:
    """The value at `place`, or `_NOTHING`."""
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return data


def _replaced(data: Any, place: Place, value: Any) -> Any:
    """`data` with another value at `place`, which exists."""
    if not place:
        return value
    inner = _replaced(data[place[0]], place[1:], value)
    if isinstance(data, list):
        return [inner if at == place[0] else item for at, item in enumerate(data)]
    return {**data, place[0]: inner}


def recipe_from(data: dict[str, Any], name: str) -> Recipe:
    """Check a recipe that a command put together from its arguments."""
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise UserError(explain(error, name, Recipe)) from None


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
