"""What a recipe may set for papers: which papers, and which of their parts are text."""

from typing import Literal

from pydantic import Field

from pipelines.extraction.latex.parts import PARTS
from pipelines.sources.base import SourceOptions

Choice = Literal["keep", "drop"]


class ArxivOptions(SourceOptions):
    """What a recipe may set under the options of a papers source."""

    papers: Literal["archive", "main_files"] = Field(
        default="archive",
        description="What one document is: a whole archive (a submission), or each main file in it (an archive of "
        "software that holds several papers).",
    )
    members: tuple[str, ...] = Field(
        default=(), description="Patterns of paths in an archive (* and ?); only members that match one are read."
    )
    metadata: str | None = Field(
        default=None, description="The asset with arXiv's metadata (JSON lines), for categories, licences and dates."
    )
    categories: tuple[str, ...] = Field(
        default=(),
        description="Patterns of arXiv's categories (`math.*`, `cs.DM`); papers in none of them are turned away.",
    )
    cutoff: str | None = Field(
        default=None,
        pattern=r"^\d{4}-\d{2}(-\d{2})?$",
        description="The last month or day (YYYY-MM or YYYY-MM-DD) whose papers count.",
    )
    cutoff_of: Literal["first_version", "this_version"] = Field(
        default="first_version",
        description="Whose date the cutoff is held against: the first version's, or that of the version that was "
        "submitted (by the metadata; the newest, if the file's name has no number).",
    )
    licences: tuple[str, ...] = Field(
        default=(),
        description="Patterns of licences' addresses without `https://` (`creativecommons.org/licenses/by/*`); papers "
        "under no such licence are turned away.",
    )
    appendix: Choice = Field(
        default="keep",
        description="Whether appendices are text (corrected rules; the published ones always drop them).",
    )
    figures: Choice = Field(
        default="keep", description="Whether figures with their captions are text (corrected rules)."
    )
    tables: Choice = Field(default="keep", description="Whether tables with their captions are text (corrected rules).")
    drawings: Choice = Field(
        default="keep", description="Whether drawings in TikZ, PSTricks and picture stay in the text."
    )
    acknowledgements: Choice = Field(default="keep", description="Whether acknowledgements are text (corrected rules).")
    bibliography: Choice = Field(
        default="drop", description="Whether the list of references is text, also from a `.bbl` beside the main file."
    )
    index: Choice = Field(default="drop", description="Whether entries of the index (`\\index{…}`) stay in the text.")
    layout: Choice = Field(
        default="drop",
        description="Whether commands that only set the page (`\\vspace`, `\\noindent`) stay in the text.",
    )

    def kept_parts(self) -> frozenset[str]:
        """The parts of papers that stay."""
        return frozenset(part for part in PARTS if getattr(self, part) == "keep")

    def chooses(self) -> bool:
        """Whether not every paper is wanted."""
        return bool(self.categories or self.licences or self.cutoff is not None)
