"""The contract of a class of the user's own: what a source, an edit or a score promises, tried on real input.

`check.py` runs the trial in two processes and judges; `trial.py` is what happens inside of one.
"""
