"""Brings raw files to this machine: what an address means, which files it stands for, and their safe download."""
