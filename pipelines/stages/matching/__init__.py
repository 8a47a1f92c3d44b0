"""The parts of the dedup stage: signing, matching by shuffle, components, and the lists of duplicates."""
