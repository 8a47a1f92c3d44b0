"""The flow: sources, one module a stage, tokenization, the command line and the report."""
