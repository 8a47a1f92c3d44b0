"""The sections of a recipe, one module each: what a user may set for a stage."""
