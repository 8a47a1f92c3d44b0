"""Libraries that are to be taken for absent while another one loads."""

import importlib
import sys

import pytest

from manifests.absent import absent


def test_a_module_is_missing_inside_of_the_block_only() -> None:
    sys.modules.pop("colorsys", None)
    with absent("colorsys"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)


def test_a_module_that_was_loaded_before_stays() -> None:
    loaded = importlib.import_module("colorsys")
    with absent("colorsys"):
        assert importlib.import_module("colorsys") is loaded
    assert sys.modules["colorsys"] is loaded


def test_the_module_is_found_again_after_an_error() -> None:
    sys.modules.pop("colorsys", None)
    with pytest.raises(KeyError), absent("colorsys"):
        raise KeyError
    assert importlib.import_module("colorsys")
