"""The bytes of a page as a tree: characters, parser, names, and the kernels that walk over it."""
