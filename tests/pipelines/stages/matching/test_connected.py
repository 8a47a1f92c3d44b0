"""Stars on the runner give the components that union-find gives, and prove it."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from dedup.components import components
from manifests.errors import Fault
from pipelines.engine.engine import Engine
from pipelines.stages.matching import connected
from pipelines.stages.matching.connected import components_by_stars


def solve(edges: np.ndarray, folder: Path, range_bytes: int = 1 << 20) -> tuple[dict[int, int], int]:
    path = folder / "graph.npy"
    np.save(path, edges.astype(np.uint64))
    found, rounds = components_by_stars(
        [path], len(edges), folder / "rounds", Engine().run_pipeline, print, range_bytes
    )
    return dict(zip(found.members.tolist(), found.roots.tolist(), strict=True)), rounds


def by_union(edges: np.ndarray) -> dict[int, int]:
    found = components(edges[:, 0].astype(np.uint64), edges[:, 1].astype(np.uint64))
    return dict(zip(found.members.tolist(), found.roots.tolist(), strict=True))


@pytest.mark.parametrize("ranges", [1, 16])
def test_random_graphs_chains_and_stars(tmp_path: Path, ranges: int) -> None:
    generator = np.random.default_rng(3)
    chain = np.stack([np.arange(1000, 1200), np.arange(1001, 1201)], axis=1)
    star = np.stack([np.full(50, 2500), np.arange(2000, 2050)], axis=1)
    edges = np.concatenate([generator.integers(0, 300, (250, 2)), generator.permuted(chain, axis=0), star])
    edges = edges[edges[:, 0] != edges[:, 1]]
    found, rounds = solve(edges, tmp_path, 256 if ranges > 1 else 1 << 20)
    graph = nx.Graph(edges.tolist())
    assert found == by_union(edges) == {node: min(g) for g in nx.connected_components(graph) for node in g}
    assert 1 < rounds < 12


def test_large_numbers_keep_their_upper_bits(tmp_path: Path) -> None:
    edges = np.array([[5 << 32, (7 << 32) + 1], [(7 << 32) + 1, (1 << 40) + 3]], dtype=np.uint64)
    assert solve(edges, tmp_path)[0] == {5 << 32: 5 << 32, (7 << 32) + 1: 5 << 32, (1 << 40) + 3: 5 << 32}


def test_rounds_that_do_not_converge_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connected, "MOST_ROUNDS", 1)
    chain = np.stack([np.arange(0, 64), np.arange(1, 65)], axis=1)
    with pytest.raises(Fault, match="did not converge in 1 rounds"):
        solve(chain, tmp_path)
