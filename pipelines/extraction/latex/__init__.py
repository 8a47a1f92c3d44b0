"""From the files of a LaTeX submission to the text of the paper: pure functions on strings and bytes.

`published` repeats what RedPajama v1 did, faults and all; `paper` puts together what it meant.
"""
