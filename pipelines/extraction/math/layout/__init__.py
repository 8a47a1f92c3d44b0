"""Reads formulas that pages lay out with tables, rules, line breaks and raised boxes."""
