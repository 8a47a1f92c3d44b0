"""The stages of a build, what they share, and their order."""
