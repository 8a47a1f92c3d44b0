"""What a recipe gets that says nothing: every key's default and bounds, as `defaults.txt` lists them.

Another default makes another corpus of the same recipe, so that a change here is one to decide, not to happen:
`python -m tests.manifests.test_defaults` writes the list anew.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from manifests.recipe import Recipe
from manifests.settings.dedup import DedupSettings
from manifests.settings.limits import LimitSettings
from manifests.settings.shards import ShardSettings
from pipelines.sources.registry import SOURCES

LIST = Path(__file__).with_name("defaults.txt")
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minItems": "items at least",
}


def lines(model: type[BaseModel]) -> Iterator[str]:
    """A line a key of a model and of the models within it."""
    schema = model.model_json_schema()
    for name, part in sorted({model.__name__: schema, **schema.get("$defs", {})}.items()):
        for key, facts in part.get("properties", {}).items():
            default = json.dumps(facts["default"], ensure_ascii=False) if "default" in facts else "-"
            bounds = sorted(f"{word} {value}" for word, value in bounds_of(facts))
            yield f"{name}.{key}: {', '.join([default, *bounds])}"


def bounds_of(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The bounds of a key, wherever its schema has them."""
    for part in (facts, *facts.get("anyOf", ())):
        yield from ((BOUNDS[key], value) for key, value in part.items() if key in BOUNDS)


def listed() -> str:
    models = [Recipe, *(SOURCES.load(kind, kind).Options for kind in SOURCES.names)]
    return "".join(line + "\n" for line in sorted({line for model in models for line in lines(model)}))


def test_defaults_and_bounds_are_those_that_were_decided() -> None:
    assert listed().splitlines() == LIST.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (ShardSettings, {"tokenizer": "t", "max_epochs": 0}),
        (ShardSettings, {"tokenizer": "t", "sequence_length": 1}),
        (DedupSettings, {"threshold": 0}),
        (DedupSettings, {"threshold": 1.01}),
        (LimitSettings, {"rejected_texts": -1}),
    ],
)
def test_a_value_beyond_its_bound_is_refused(model: type[BaseModel], values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values)
    assert [error["loc"][0] for error in caught.value.errors()] == [list(values)[-1]]


if __name__ == "__main__":
    LIST.write_text(listed(), encoding="utf-8")
