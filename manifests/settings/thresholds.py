"""Thresholds on scores: the `filters` section of a source."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Bound(BaseModel):
    """A bound on one score. Exactly one of `at_least`, `above`, `at_most`, `below`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    score: str = Field(description="Name of the score.")
    at_least: float | None = Field(default=None, description="Holds when the score is this or more.")
    above: float | None = Field(default=None, description="Holds when the score is more than this.")
    at_most: float | None = Field(default=None, description="Holds when the score is this or less.")
    below: float | None = Field(default=None, description="Holds when the score is less than this.")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        bounds = (self.at_least, self.above, self.at_most, self.below)
        if sum(bound is not None for bound in bounds) != 1:
            raise ValueError("expected exactly one of at_least, above, at_most, below")
        return self

    def holds(self, value: float) -> bool:
        """Whether a score satisfies the bound. A NaN satisfies none."""
        if self.at_least is not None:
            return value >= self.at_least
        if self.above is not None:
            return value > self.above
        if self.at_most is not None:
            return value <= self.at_most
        return self.below is not None and value < self.below


class Threshold(Bound):
    """A document must satisfy the bound, where `when` applies, or it is rejected with `reason`.

    `early` decides in the extract stage, so that the text of what it rejects is never stored: that saves space on a
    crawl, and a looser threshold later needs a new extraction. The others are decided afterwards from the stored
    scores and can change at no cost.
    """

    reason: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9_]*$", description="The rejection's word; the score's name."
    )
    when: tuple[Bound, ...] = Field(default=(), description="Applies only to documents that satisfy all of these.")
    missing: Literal["keep", "reject"] = Field(
        default="keep", description="What becomes of a document without the score."
    )
    early: bool = Field(default=False, description="Decide in the extract stage and do not store what is rejected.")

    @property
    def word(self) -> str:
        """The rejection's reason."""
        return self.reason or self.score
