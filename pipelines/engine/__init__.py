"""Where work runs: Beam, the guarded children that do a unit, and what they tell of it."""
