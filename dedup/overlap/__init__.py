"""Benchmark overlap: which items of a test set stand in a document, and where, on both sides.

Two methods. `published` repeats the check of the Llemma paper (section 3.5; repository wellecks/overlap): n-grams,
n 30 and 20, of whitespace-separated words, nothing normalised. Where the script's later steps keep one item a document,
this lists every one. `exact` compares words of one notation (`dedup.overlap.words`) at several n at once and finds
texts shorter than n whole, down to a stated minimum. A hit is a longest run of equal words; it is listed for every n
that it satisfies, unless its words say nothing (`dedup.overlap.evidence`). With it goes `fuzzy`, which nominates by
rare anchors (`dedup.overlap.nominate`) and lays each nominated text beside its item (`dedup.overlap.alignment`); its n
is 0. Each hit is judged by that alignment (`dedup.overlap.judging`). The headline of an audit is `counted`: the hits of
both methods that are probable enough and no template or boilerplate. Shuffled words and translations are not found.
"""

from dedup.overlap.hits import FUZZY
from dedup.overlap.search import COUNTED, Coverage, Overlap
from dedup.overlap.targets import Target

__all__ = ["COUNTED", "FUZZY", "Coverage", "Overlap", "Target"]
