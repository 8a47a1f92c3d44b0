"""The recipe: a YAML file that says what goes into a corpus and by which rules, and its typed model.

A recipe names its assets (models, tokenizers), its sources with their inputs, the thresholds, and the settings of
deduplication, overlap and shards. Every key is checked when the file is read; a mistake is one line that names the
file, the line, the key and what was expected. The recipe's hash covers its meaning, not its comments.
"""

import difflib
import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from manifests.errors import UserError
from manifests.records import Rules, to_json
from manifests.settings.dedup import DedupSettings
from manifests.settings.overlap import OverlapSettings, with_known_benchmarks
from manifests.settings.shards import ShardSettings
from manifests.settings.thresholds import Threshold

_SHA256 = re.compile(r"[0-9a-f]{64}")
RESERVED = frozenset({"assets"})
"""Names that no source may have, because what is fetched for all sources lies there."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _is_sha256(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError("expected 64 hexadecimal digits in lower case")
    return value


def _is_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("expected lower-case letters, digits, - and _, beginning with a letter or digit")
    return value


Sha256 = Annotated[str, AfterValidator(_is_sha256)]
Slug = Annotated[str, AfterValidator(_is_slug)]


def _as_text(value: Any) -> Any:
    # YAML reads 2023-03-31 as a date, and people write it without quotes.
    return value.isoformat() if isinstance(value, date) else value


Day = Annotated[str, BeforeValidator(_as_text)]


class Model(BaseModel):
    """Base of all parts of a recipe: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Asset(Model):
    """A file that stages need besides the raw input: a classifier, a tokenizer, a test set."""

    address: str = Field(alias="from", description="Where it is: pypi:, hf:, s3:, gs:, https: or a path.")
    sha256: Sha256 | None = Field(None, description="Of the file, or for `pypi:` of the archive it lies in.")
    licence: str | None = Field(None, description="SPDX identifier or a short statement.")


class Input(Model):
    """Some raw input of a source."""

    address: str = Field(alias="from", description="Where it is: pypi:, hf:, s3:, gs:, https: or a path; * matches.")
    sha256: Sha256 | None = Field(None, description="Of the file, or for `pypi:` of the archive; checked when fetched.")
    fraction: float | None = Field(None, gt=0, le=1, description="Share of the files to take, instead of the recipe's.")


class Score(Model):
    """A score computed for every document of the sources that name it."""

    kind: str = Field(description="language, math_score, perplexity, or module:Class of your own.")
    model: str | None = Field(None, description="Name of the asset that holds the model.")
    options: dict[str, Any] = Field(default_factory=dict, description="Further arguments of the scorer.")


class EditEntry(Model):
    """A rule that changes the texts of a source."""

    kind: str = Field(description="personal_data, or module:Class of your own.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the edit.")


class SourceEntry(Model):
    """One source: where its raw files are, how they are read, which thresholds its documents must pass."""

    name: Slug = Field(description="Short name; part of every id and output path.")
    kind: str = Field(description="web, arxiv, code, dataset, or module:Class of your own.")
    inputs: tuple[Input, ...] = Field(min_length=1, description="Raw input; a plain string is short for {from: …}.")
    rules: Rules | None = Field(None, description="published or corrected, instead of the recipe's.")
    licence: str | None = Field(None, description="Licence of documents that do not state their own.")
    cutoff: Day | None = Field(None, description="Last date of the material, for the record.")
    size: str | None = Field(None, description="What the raw input amounts to, where it is known; shown by --dry-run.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the kind of source.")
    edits: tuple[EditEntry, ...] = Field(
        (),
        description="Rules that change texts, in this order, before scores; a plain string is short for {kind: …}. "
        "None runs under published rules.",
    )
    scores: tuple[str, ...] = Field((), description="Scores to compute, in this order.")
    filters: tuple[Threshold, ...] = Field(
        (), description="Thresholds on scores, in this order; the first that fails names the reason."
    )
    weight: float = Field(
        1.0, gt=0, le=1000, description="Mixture weight: its part in the training tokens, whatever its size."
    )
    epochs: float | None = Field(
        None, gt=0, le=1000, description="How often the source is passed over in the shards, instead of a weight."
    )
    keep_raw: bool = Field(True, description="False: a raw file is fetched by the worker that reads it, then removed.")

    @model_validator(mode="before")
    @classmethod
    def _short_entries(cls, data: Any) -> Any:
        for key, short in (("inputs", "from"), ("edits", "kind")):
            if isinstance(data, dict) and isinstance(data.get(key), list):
                data = {**data, key: [{short: item} if isinstance(item, str) else item for item in data[key]]}
        return data


class LimitSettings(Model):
    """What one record may cost, and how many may fail."""

    seconds: float = Field(
        60.0, gt=0, le=1e6, description="Processor seconds for one record; ten times as long asleep."
    )
    memory_mb: int = Field(4096, ge=256, le=1 << 24, description="Resident memory of a worker process, in MiB.")
    failure_rate: float = Field(
        0.05, ge=0, le=1, description="The run stops when a larger share of a source's records fails."
    )
    failures_allowed: int = Field(
        20, ge=0, description="So many failures of a source never stop the run, whatever the rate."
    )
    unit_mb: float = Field(
        8.0, gt=0, le=1 << 20, description="Raw files are grouped into units of work of about this size, in MiB."
    )


class Recipe(Model):
    """A whole recipe."""

    name: Slug = Field(description="Short name of the corpus.")
    description: str = Field("", description="What the corpus is, for its card.")
    rules: Rules = Field("corrected", description="published: as the published corpora were made; corrected: as meant.")
    fraction: float = Field(
        1.0, gt=0, le=1, description="Share of every source's raw files to take; a larger one holds a smaller one."
    )
    seed: int = Field(0, description="Seed of every choice by hash (fraction, splits, mixture).")
    limits: LimitSettings = LimitSettings()
    assets: dict[Slug, Asset] = Field(default_factory=dict)
    scores: dict[Slug, Score] = Field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = Field(min_length=1)
    dedup: DedupSettings | None = Field(None, description="Leave out to keep duplicates.")
    overlap: OverlapSettings | None = Field(None, description="Leave out to skip the check against benchmarks.")
    shards: ShardSettings | None = Field(None, description="Leave out to stop before tokenization.")

    @model_validator(mode="before")
    @classmethod
    def _known_benchmarks(cls, data: Any) -> Any:
        return with_known_benchmarks(data)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [source.name for source in self.sources]
        if RESERVED & set(names):
            raise ValueError(f"sources: `{min(RESERVED & set(names))}` is the name of a part of every corpus")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"sources: two sources are called `{name}`; names must differ")
        for key in ("chunks", "addresses"):
            for name in getattr(self.dedup, key) if self.dedup else ():
                if name not in names:
                    raise ValueError(f"dedup.{key}: no source is called `{name}`; sources: {_list(names)}")
        for key, score in self.scores.items():
            if score.model is not None and score.model not in self.assets:
                raise ValueError(
                    f"scores.{key}.model: no asset is called `{score.model}`; assets: {_list(self.assets)}"
                )
        for position, source in enumerate(self.sources):
            for name in source.scores:
                if name not in self.scores:
                    expected = _list(self.scores)
                    raise ValueError(f"sources.{position}.scores: no score is called `{name}`; scores: {expected}")
        return self

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


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe. Raises UserError: one line with file, line, key and what was expected."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such recipe") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a recipe: {error}") from None
    return parse_recipe(text, str(path))


def parse_recipe(text: str, name: str) -> Recipe:
    """Check a recipe's text; `name` stands for the file in errors."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_double_keys(tree, name)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UserError(f"{name}:{line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from None
    except (RecursionError, ValueError) as error:
        # Brackets nested a thousand deep; a date or a number that does not exist.
        raise UserError(f"{name}: not valid YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(data, dict):
        raise UserError(f"{name}: expected a mapping with the keys {', '.join(keys_of(Recipe))}")
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise UserError(_first_error(error, name, tree, Recipe)) from None


def _refuse_double_keys(tree: yaml.Node | None, name: str) -> None:
    """Raise UserError for a key that a mapping has twice: the YAML library takes the last and says nothing."""
    waiting, seen = [tree], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias leads back to what was looked at
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if isinstance(key, yaml.ScalarNode) and key.value != "<<" and key.value in first:
                    raise UserError(f"{name}:{line}: {key.value}: this key stands in line {first[key.value]} already")
                if isinstance(key, yaml.ScalarNode):
                    first[key.value] = line
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def recipe_from(data: dict[str, Any], name: str) -> Recipe:
    """Check a recipe that a command put together from its arguments."""
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise UserError(_first_error(error, name, None, Recipe)) from None


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys a user may write for a model."""
    return [field.alias or key for key, field in model.model_fields.items()]


def explain(error: ValidationError, name: str, model: type[BaseModel]) -> str:
    """The first fault of a validation as one line; for options that are checked outside the recipe."""
    return _first_error(error, name, None, model)


_EXPECTED = {
    "tuple_type": "expected a list",
    "too_short": "expected a list of at least one entry",
    "dict_type": "expected a mapping of names",
    "model_type": "expected a mapping of keys",
}
"""Said instead of the validator's own words, which speak of Python's types."""


def _first_error(error: ValidationError, name: str, tree: yaml.Node | None, model: type[BaseModel]) -> str:
    first = error.errors(include_url=False)[0]
    location = [part for part in first["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    line = _line_of(tree, location)
    where = f"{name}:{line}" if line else name
    key = ".".join(str(part) for part in location)
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] in _EXPECTED:
        message = _EXPECTED[first["type"]]
    if first["type"] == "extra_forbidden":
        allowed = keys_of(_model_at(model, location[:-1]))
        close = difflib.get_close_matches(str(location[-1]), allowed, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"expected one of {', '.join(allowed)}"
        return f"{where}: {key}: unknown key; {hint}"
    if first["type"] == "missing":
        return f"{where}: {key}: this key is missing"
    if not key:
        return f"{where}: {message}"
    got = first.get("input")
    # An address may hold a password or a token, and an error is no place for either.
    told = isinstance(got, str | int | float | bool) and "://" not in str(got)
    shown = f", found {str(got)[:80]!r}" if told and isinstance(got, str) else f", found {got!r}" if told else ""
    return f"{where}: {key}: {message[:1].lower() + message[1:]}{shown}"


def _model_at(model: type[BaseModel], location: list[int | str]) -> type[BaseModel]:
    """The model that checks the mapping at `location`."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        fields = getattr(current, "model_fields", {})
        named = {field.alias or key: field for key, field in fields.items()}
        if part in named:
            inner = _inner_model(named[part].annotation)
            current = inner or current
    return current if isinstance(current, type) and issubclass(current, BaseModel) else model


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def _line_of(tree: yaml.Node | None, location: list[int | str]) -> int:
    """The line (from 1) of the value or key at `location`; of the nearest parent that is there; 0 if unknown."""
    node, line = tree, 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    node, line = value, key.start_mark.line + 1
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
