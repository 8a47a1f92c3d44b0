"""`proofpile recipes`: the recipes that come with the program."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
List the recipes that come with the program, which every command takes by name, or write one out to start your own from.
"""
EXAMPLES = """\
  proofpile recipes
  proofpile recipes sample > mine.yaml
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "recipes", run, "the recipes that come with it", DESCRIPTION, EXAMPLES)
    parser.add_argument("name", nargs="?", type=Path, metavar="NAME", help="print this one")


def run(arguments: argparse.Namespace) -> int:
    """List them, or print one with its local inputs named by their full paths, so that it works anywhere."""
    from manifests.packaged import FOLDER, packaged, recipe_path
    from manifests.recipe import load_recipe

    if arguments.name is None:
        for path in packaged():
            recipe = load_recipe(path)
            print(f"{path.stem:24}{' '.join(recipe.description.split())}")
        return 0
    path = recipe_path(arguments.name)
    text = path.read_text(encoding="utf-8")
    for asset in load_recipe(path).assets.values():
        local = FOLDER / asset.address
        if path.parent == FOLDER and local.is_file():
            text = text.replace(asset.address, str(local))
    print(text, end="")
    return 0
