"""Formulas as pages write them (MathML, images, scripts, rendered trees, delimiters) as LaTeX."""

from manifests.compiled import keep

keep()
