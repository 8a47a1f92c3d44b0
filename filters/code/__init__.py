"""Which source files belong in the corpus, for each of the seventeen languages of AlgebraicStack.

`registry.judge` decides about one file; `detection.language_of` says in which language a file is written;
`theorems` cuts benchmark theorems out of Lean and Isabelle; `chunks` finds files that share a piece with an earlier
one. Every rule exists twice where the published program had a fault: `published` repeats what it did, `corrected`
does what it meant. The originals are `proof_pile_2/algebraic_stack/process_stack.py` and `process_github.py` of the
repository EleutherAI/math-lm.
"""
