"""Which sources may share their last rows, so that a split has one short row, without changing the mixture."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.shards.tails import MOST_MISSING, together

SIZES = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(1, 10**7), st.floats(0.1, 50)), min_size=1)


def test_sources_that_are_passed_over_equally_often_share_whatever_their_size() -> None:
    assert together({"a": 5, "b": 10**9}, {"a": 1.0, "b": 1.0}, 4096) == {"a", "b"}
    assert together({"a": 5, "b": 10**9}, {"a": 0.5, "b": 0.5}, 4096) == {"a", "b"}


def test_a_small_source_that_is_repeated_more_often_stands_alone() -> None:
    tokens = {"papers": 10**8, "web": 10**8, "few": 3000}
    assert together(tokens, {"papers": 1.0, "web": 2.0, "few": 1000.0}, 4096) == {"papers", "web"}


def test_a_source_of_which_a_part_is_taken_stands_alone() -> None:
    assert together({"a": 10**8, "b": 10**8, "c": 10**8}, {"a": 0.3, "b": 1.0, "c": 1.5}, 4096) == {"b", "c"}


@given(SIZES)
def test_little_of_the_stream_is_missing_because_of_shared_rows(given) -> None:
    tokens = {name: size for name, (size, _) in given.items()}
    epochs = {name: times for name, (_, times) in given.items()}
    shared = together(tokens, epochs, 512)
    least = min((epochs[name] for name in shared), default=1.0)
    missing = sum((epochs[name] - least) * min(tokens[name], 2 * 512) for name in shared)
    assert missing <= MOST_MISSING * sum(tokens[name] * epochs[name] for name in tokens) * (1 + 1e-9)
