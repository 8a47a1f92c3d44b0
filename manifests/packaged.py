"""The recipes that come with the program, by name: `proofpile build sample` needs no checkout."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from manifests.errors import UserError

FOLDER = Path(__file__).parent


def packaged() -> Iterator[Path]:
    """The packaged recipes, in order of their names."""
    yield from sorted(path for path in FOLDER.glob("*.yaml") if "sources:" in path.read_text(encoding="utf-8"))


def recipe_path(name: Path) -> Path:
    """The file of a recipe: the path itself, or the packaged recipe of that name. Raises UserError for neither.

    `sample`, `sample.yaml` and `manifests/sample.yaml` name the same packaged recipe where no such file is at hand.
    """
    if name.exists():
        return name
    known = {path.stem: path for path in packaged()}
    bare = name.parent in (Path(), Path("manifests"))
    if bare and name.stem in known and name.suffix in ("", ".yaml"):
        return known[name.stem]
    near = difflib.get_close_matches(name.stem, known, 1) if bare else []
    hint = f"; did you mean {near[0]}?" if near else f"; packaged recipes: {', '.join(known)}"
    raise UserError(f"{name}: no such recipe{hint}")
