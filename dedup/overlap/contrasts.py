"""Words that make another problem when one stands in the place of the other: `minimum` for `maximum`, `median` for
`altitude`.

Problems of one source often differ in such a word alone, while an edited copy keeps it or has a synonym of it. The
lists are the contrary words of school mathematics and of the first years of university, by hand; the words of one line
of `CONTRASTS` exclude each other, but for those joined by `=`, which say the same; a line goes on behind `|`.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.words import words_of
from manifests.kernels import njit

CONTRASTS = """
maximum=maximal=max=largest=greatest=biggest=highest=longest=most=maximize=maximizes=maximised=maximized |
minimum=minimal=min=smallest=least=lowest=shortest=fewest=minimize=minimizes=minimised=minimized
larger=greater=bigger=more=longer=higher=above=over smaller=less=lesser=fewer=shorter=lower=below=under
positive=nonnegative negative=nonpositive
even odd
increase=increases=increased=increasing=grows=rises decrease=decreases=decreased=decreasing=shrinks=falls
sum=sums=add=added=adding=addition product=products=multiply=multiplied=multiplying=multiplication |
difference=differences=subtract=subtracted=subtracting=subtraction |
quotient=quotients=divide=divided=dividing=division ratio=ratios
area=areas perimeter=perimeters=circumference volume=volumes
altitude=altitudes median=medians bisector=bisectors=bisects
mean=average=averages median mode=modes range
radius=radii diameter=diameters
inside=inscribed=interior outside=circumscribed=exterior
circle=circles square=squares triangle=triangles rectangle=rectangles pentagon=pentagons hexagon=hexagons |
octagon=octagons
parabola=parabolas ellipse=ellipses hyperbola=hyperbolas line=lines
cube=cubes sphere=spheres cylinder=cylinders cone=cones pyramid=pyramids tetrahedron=tetrahedra
domain=domains range=ranges
horizontal=horizontally vertical=vertically
clockwise counterclockwise=anticlockwise
sin=sine cos=cosine tan=tangent cot=cotangent sec=secant csc=cosecant
arcsin arccos arctan
union intersection
row=rows column=columns
numerator=numerators denominator=denominators
parallel perpendicular=orthogonal
left right
first last
before after
before=earlier=ago after=later
adjacent=together=beside=next opposite apart=separate
rational irrational
prime=primes composite=composites
convergent=converges=converge divergent=diverges=diverge
concave convex
acute obtuse right
isosceles equilateral scalene
arithmetic geometric harmonic
linear quadratic cubic quartic
constant leading
real imaginary complex
same different distinct
gains=gained=earns=earned=receives=received loses=lost=spends=spent=pays=paid
buys=bought=purchases=purchased sells=sold
all=every=each none=no
always never sometimes
units=ones tens hundreds thousands
days weeks months years hours minutes seconds
north south east west
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december
red blue green yellow orange purple white black pink brown
with without
can cannot
open closed
compact connected hausdorff metrizable separable regular normal
injective surjective bijective
finite infinite
countable uncountable
bounded unbounded
continuous differentiable integrable discontinuous
uniformly pointwise
group=groups ring=rings field=fields
abelian cyclic simple solvable
subgroup=subgroups subring=subrings ideal=ideals
kernel image
eigenvalue=eigenvalues eigenvector=eigenvectors
trace determinant rank
symmetric antisymmetric
reflexive irreflexive
hermitian unitary
upper lower
infimum=inf supremum=sup
true false=untrue
kinetic potential
speed=velocity acceleration
current voltage=potential resistance
mass weight
pressure temperature
proton=protons electron=electrons neutron=neutrons
acid=acids base=bases
anode cathode
oxidation reduction
series parallel
pole zero
solid liquid gas
"""
_POLES = 64


class Contrasts(NamedTuple):
    """The upper halves of the words' hashes, ascending, and of each `64 * line + word of the line`; a word of several
    lines stands there several times.
    """

    hashes: NDArray[np.uint32]
    poles: NDArray[np.int64]


@cache
def contrasts() -> Contrasts:
    """The words of `CONTRASTS`, as kernels look them up; shared."""
    found = [
        (int(words_of(word, "exact").hashes[0] >> np.uint64(32)), _POLES * number + pole)
        for number, line in enumerate(CONTRASTS.replace("|\n", "").split("\n"))
        for pole, words in enumerate(line.split())
        for word in words.split("=")
    ]
    hashes, poles = zip(*sorted(found), strict=True)
    return Contrasts(np.array(hashes, dtype=np.uint32), np.array(poles, dtype=np.int64))


@njit(nogil=True)
def contrary(first: Any, second: Any, known: Contrasts) -> Any:
    """Whether two words, as upper halves of their hashes, exclude each other."""
    at = np.searchsorted(known.hashes, first)
    while at < len(known.hashes) and known.hashes[at] == first:
        there = np.searchsorted(known.hashes, second)
        while there < len(known.hashes) and known.hashes[there] == second:
            if known.poles[at] // _POLES == known.poles[there] // _POLES and known.poles[at] != known.poles[there]:
                return True
            there += 1
        at += 1
    return False
