"""AsciiMath to LaTeX."""


def asciimath_to_latex(source: str) -> str:
    """`source` as LaTeX."""
    return source
