"""From a page's tree to its text: main text, blocks, lines, and the test before anything is parsed."""
