"""What goes into a corpus and what came out: recipes, record schemas, the ledger of every stage."""
