"""From the bytes of one web page to its text with every formula as LaTeX."""

from manifests.compiled import keep

keep()
