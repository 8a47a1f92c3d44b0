"""Further forms in which the documents of a shard are written, beside the rows of token ids in Parquet.

A form is one file here and one entry in `FORMATS`. Each has a folder of its own in the corpus, so that a program that
opens `shards/` finds rows and nothing else.
"""
