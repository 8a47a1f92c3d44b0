"""Splits are drawn by hash."""

from pipelines.shards.choices import split_of, unit_hash

IDS = [f"web:{number:032x}" for number in range(20_000)]


def test_shares_are_about_what_was_asked():
    splits = [split_of(one, 0, 0.05, 0.1) for one in IDS]
    assert abs(splits.count("validation") - 1000) < 100
    assert abs(splits.count("test") - 2000) < 150
    assert {split_of(one, 0, 0, 0) for one in IDS} == {"train"}


def test_a_larger_share_holds_the_smaller_one_and_leaves_the_other_split_alone():
    small = {one: split_of(one, 0, 0.01, 0.02) for one in IDS}
    large = {one: split_of(one, 0, 0.05, 0.02) for one in IDS}
    assert all(large[one] == "validation" for one in IDS if small[one] == "validation")
    assert [one for one in IDS if small[one] == "test"] == [one for one in IDS if large[one] == "test"]


def test_the_seed_draws_anew_and_one_seed_always_the_same():
    assert split_of("web:1", 0, 0.5, 0.1) == split_of("web:1", 0, 0.5, 0.1)
    assert [split_of(one, 0, 0.5, 0.1) for one in IDS[:99]] != [split_of(one, 1, 0.5, 0.1) for one in IDS[:99]]
    assert unit_hash("split", 0, "web:1") == 0.016511353382273386  # the same on every machine
