"""Formulas as pages write them (MathML, images, scripts, rendered trees, delimiters) as LaTeX."""
