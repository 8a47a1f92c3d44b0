"""What people look at: the report and its plots, the card, and single records."""
