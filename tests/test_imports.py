"""Imports run one way: each room knows only those below it, and no module imports itself in a circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parent.parent
PACKAGES = ("manifests", "filters", "dedup", "pipelines")
ORDER = (
    ("manifests",),
    ("filters", "dedup", "pipelines.engine"),
    ("pipelines.fetching", "pipelines.extraction"),
    ("pipelines.corpus",),
    ("pipelines.shards",),
    ("pipelines.sources", "pipelines.report"),
    ("pipelines.stages", "pipelines.training"),
    ("pipelines.contract",),
    ("pipelines.commands",),
)
"""The rooms from the lowest; those of one level do not know each other."""


def modules() -> dict[str, Path]:
    """All modules of the program by name."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def is_for_types(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`, whose imports never run."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All that runs below a node, also inside of functions."""
    for child in ast.iter_child_nodes(node):
        if not is_for_types(child):
            yield child
            yield from statements(child)


def imports() -> Iterator[tuple[str, str]]:
    """Pairs of modules of which the first imports the second."""
    known = modules()
    for name, path in known.items():
        for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
            found: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [f"{node.module}.{alias.name}" for alias in node.names]
                found = [name if name in known else node.module for name in named]
            elif isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            yield from ((name, other) for other in found if other in known and other != name)


def room(module: str) -> str:
    """The room of a module; `pipelines` itself is no room."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "pipelines" else parts[0]


def test_each_room_imports_only_rooms_below_it() -> None:
    level = {name: height for height, rooms in enumerate(ORDER) for name in rooms}
    pairs = [(one, other) for one, other in imports() if room(one) != room(other) and other not in PACKAGES]
    assert len(pairs) > 300
    assert [pair for pair in pairs if level[room(pair[0])] <= level[room(pair[1])]] == []


def test_no_module_is_imported_in_a_circle() -> None:
    circles = [sorted(part) for part in nx.strongly_connected_components(nx.DiGraph(imports())) if len(part) > 1]
    assert circles == []


def test_every_module_is_one_room_with_a_purpose() -> None:
    for name, path in modules().items():
        text = path.read_text(encoding="utf-8")
        assert not text or ast.get_docstring(ast.parse(text)), f"{name} does not say what it is for"
        assert len(text.splitlines()) <= 400, f"{name} has outgrown its room"
