"""What a prover's file declares: name, statement, and from where to where, by one small parser a prover.

`lean`, `isabelle` and `coq` each offer `declarations(text)`. There is no tree-sitter grammar for the three; the parsers
read what their outer syntax tells: comments, strings, commands and proofs. All are linear in the text.
"""
