"""Data about the web that rules read: addresses that are banned."""
