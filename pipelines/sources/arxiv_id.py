"""arXiv's identifiers as they stand in names of files, and what they tell about a paper.

Source: arXiv, "Understanding the arXiv identifier": `YYMM.NNNN` (from April 2007), `YYMM.NNNNN` (from 2015), and before
`archive/YYMMNNN`, each perhaps with a version `vN`. In bulk files the old form loses its slash: `hep-th9901001.gz`.
"""

import re
from typing import NamedTuple

_ENDING = re.compile(r"(?:\.(?:tar|tgz|gz|zip|tex|ltx|pdf|ps|html|txt))+\Z", re.IGNORECASE)
_NEW = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.(\d{4,5})(v[1-9]\d{0,2})?\Z")
_OLD = re.compile(r"([a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?)[/_]?(\d\d)(0[1-9]|1[0-2])(\d{3})(v[1-9]\d{0,2})?\Z")


class ArxivId(NamedTuple):
    """An identifier without its version (`1707.08043`, `math/0309136`), the version (`v2` or nothing), the month."""

    number: str
    version: str
    yymm: str

    @property
    def month(self) -> str:
        """The month of submission as YYYY-MM; arXiv began in August 1991."""
        century = "19" if self.yymm >= "9108" else "20"
        return f"{century}{self.yymm[:2]}-{self.yymm[2:]}"

    @property
    def url(self) -> str:
        """The address of the paper's abstract."""
        return f"https://arxiv.org/abs/{self.number}{self.version}"


def parse_arxiv_id(name: str) -> ArxivId | None:
    """The identifier that a file's name (without folders) carries, or None."""
    stem = _ENDING.sub("", name)
    if match := _NEW.match(stem):
        year, month, number, version = match.groups()
        return ArxivId(f"{year}{month}.{number}", version or "", year + month)
    if match := _OLD.match(stem):
        archive, year, month, number, version = match.groups()
        return ArxivId(f"{archive}/{year}{month}{number}", version or "", year + month)
    return None
