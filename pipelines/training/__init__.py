"""Trains the models that score documents, from documents."""
