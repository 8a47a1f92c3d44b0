"""The files of a corpus folder: documents, rows, texts, the manifest, and the check of all of it."""
