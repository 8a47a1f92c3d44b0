"""Union-find gives the components of the graph, named by their smallest member, in any order of the edges."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.components import components

pytestmark = pytest.mark.kernel

EDGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60)


def solve(edges: list[tuple[int, int]]) -> dict[int, int]:
    pairs = np.array(edges, dtype=np.uint64).reshape(-1, 2)
    found = components(pairs[:, 0], pairs[:, 1])
    return dict(zip(found.members.tolist(), found.roots.tolist(), strict=True))


@settings(deadline=None)
@given(EDGES)
def test_components_are_those_of_networkx(edges: list[tuple[int, int]]) -> None:
    graph = nx.Graph(edges)
    expected = {node: min(group) for group in nx.connected_components(graph) for node in group}
    assert solve(edges) == expected


@settings(deadline=None)
@given(EDGES, st.randoms(use_true_random=False))
def test_order_direction_and_repetition_of_edges_do_not_matter(edges, random) -> None:  # type: ignore[no-untyped-def]
    mixed = edges + [(b, a) for a, b in edges]
    random.shuffle(mixed)
    assert solve(mixed) == solve(edges)


def test_a_chain_of_a_hundred_thousand_links_is_one_component() -> None:
    chain = np.arange(100_000, dtype=np.uint64)
    found = components(chain[1:][::-1], chain[:-1][::-1])
    assert np.all(found.roots == 0)
    assert len(found.members) == 100_000
