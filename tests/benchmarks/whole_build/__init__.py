"""A whole web build, from archives of pages to token ids, beside the same chain made of other programs by hand."""
