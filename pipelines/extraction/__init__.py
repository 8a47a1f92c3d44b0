"""From bytes to text with its mathematics intact: pages, formulas, archives, LaTeX, notebooks."""
