"""The label of the math classifier: does a text hold one of the commonest LaTeX commands."""

import time

import pytest

from filters.latex_commands import COMMANDS, holds_command


def test_the_published_list_has_84_commands_and_no_repeats() -> None:
    assert len(COMMANDS) == len(set(COMMANDS)) == 84


@pytest.mark.parametrize("text", [r"$\frac{1}{2}$", r"2\pi r", r"x\in A", r"where:~\alpha", r"\begin{align}"])
@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_finds_a_command(text: str, rules: str) -> None:
    assert holds_command(text, rules)  # type: ignore[arg-type]  # parametrised literal


@pytest.mark.parametrize("text", ["frac and alpha", r"C:\windows", r"\unknowncommand", "", "a / b"])
@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_other_text_has_none(text: str, rules: str) -> None:
    assert not holds_command(text, rules)  # type: ignore[arg-type]  # parametrised literal


@pytest.mark.parametrize("text", [r"\include{a}", r"C:\items\tools", r"\today", r"\textasciitilde"])
def test_published_takes_the_beginning_of_a_longer_command_for_it(text: str) -> None:
    assert holds_command(text, "published")
    assert not holds_command(text, "corrected")


def test_hostile_text_is_searched_once() -> None:
    started = time.process_time()
    assert not holds_command("\\" * 1_000_000)
    assert time.process_time() - started < 5
