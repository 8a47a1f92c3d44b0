"""Where documents come from: one module a kind of source, each a subclass of `base.Source`."""
