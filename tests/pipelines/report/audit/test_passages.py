"""Two passages side by side."""

from pipelines.report.audit.passages import passages, shortened


def side(text: str, match: str) -> tuple[str, tuple[int, int]]:
    """What a hit keeps of a side, and the place of its match in a text that is no longer than the context."""
    start = text.index(match)
    return text, (start, start + len(match))


def test_context_and_match_are_kept_apart_and_what_differs_is_marked() -> None:
    document = side("Before. Find the sum of 3 apples. After.", "Find the sum of 3 apples.")
    item = side("Find the sum of 5 apples.", "Find the sum of 5 apples.")
    left, right = passages(*document, *item)
    assert (left.before, left.after) == ("Before. ", " After.")
    assert left.pieces == (("Find the sum of ", False), ("3 ", True), ("apples.", False))
    assert [text for text, differs in right.pieces if differs] == ["5 "]


def test_case_and_spacing_are_no_difference() -> None:
    left, right = passages(*side("FIND  the\nsum", "FIND  the\nsum"), *side("Find the sum", "Find the sum"))
    assert left.pieces == (("FIND  the\nsum", False),)
    assert right.pieces == (("Find the sum", False),)


def test_a_match_far_inside_a_text_begins_behind_its_context() -> None:
    left, _ = passages("c" * 80 + "match" + "d" * 80, (1000, 1005), "match", (0, 5))
    assert (left.before, left.pieces, left.after) == ("c" * 80, (("match", False),), "d" * 80)


def test_a_long_match_shows_its_ends() -> None:
    text = "a" * 500 + "b" * 500
    left, _ = passages(text, (0, 1000), text, (0, 1000))
    short = shortened(left, 200)
    assert [piece for piece, _ in short.pieces] == ["a" * 100, " … 800 characters … ", "b" * 100]
    assert shortened(left, 1000) is left
