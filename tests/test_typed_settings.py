"""The models of users' files, as a type checker sees them that knows nothing of pydantic."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent


def fields() -> Iterator[tuple[str, ast.Call]]:
    for package in ("manifests", "filters", "dedup", "pipelines"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_defaults_are_named_so_that_nobody_has_to_give_them() -> None:
    """A default in first place is one for pydantic's plugin alone: `DedupSettings()` would lack 23 arguments."""
    found = list(fields())
    assert len(found) > 100
    assert [place for place, call in found if call.args] == []
