"""Rules that change a text: what they find is masked or rewritten, counted, and told in the document's `meta`.

`base.Edit` is what an edit is; `registry.EDITS` names those there are. A new one is one file here and one entry there.
A source names its edits under `edits:` in the recipe; they run in that order, before the text is scored.
"""
