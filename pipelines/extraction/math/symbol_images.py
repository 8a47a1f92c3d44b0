"""Reads signs that a page shows as small images, one for each: their `alt` is what the page says there.

Metamath's proof pages write every formula so (us.metamath.org, "GIF version"): `alt=" |-"`, `alt="("`, `alt="ph"`. An
image of that kind stands beside others in its element, its `alt` is one short word, and one of them is no word at all:
icons and flags have names of letters.
"""

import itertools

from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.candidates import LONGEST_SIGN, sign_rows

FEWEST = 2
"""Images with a short `alt` in one element."""


def read_symbol_images(tree: Tree) -> None:
    """Put the signs in the place of their images."""
    rows = sign_rows(tree)
    if len(rows) < FEWEST:
        return
    with_signs = [(image, sign) for row in rows if (sign := _sign(image := Node(tree, row)))]
    for _, group in itertools.groupby(with_signs, key=lambda found: found[0].getparent()):
        found = list(group)
        if len(found) < FEWEST or all(sign.isalnum() for _, sign in found):
            continue
        for image, sign in found:
            tree.empty(image.row)
            image.tag = "span"
            image.text = f" {sign} "


def _sign(image: Node) -> str:
    """The `alt` of an image if it may be a sign."""
    alt = (image.get("alt") or "").strip()
    if not alt or len(alt) > LONGEST_SIGN or len(alt.split()) > 1 or "\\" in alt or "$" in alt or image.get("class"):
        return ""
    return alt
