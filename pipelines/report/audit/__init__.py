"""The report of an audit: a card a document and item with both passages, and what the benchmarks add up to."""
