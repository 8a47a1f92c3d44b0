"""Decide about one document at a time; plain Python that knows nothing of Beam."""
