"""Settings of `proofpile train-mathscore`: what the math classifier learns from, and how."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from manifests.records import Rules


class TrainingInput(BaseModel):
    """Some pages to learn from."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    address: str = Field(alias="from", description="Where they are: pypi:, hf:, s3:, gs:, https: or a path; * matches.")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$", description="Of the file or archive; checked.")
    fraction: float = Field(default=1.0, gt=0, le=1, description="Share of the files to read, by hash of their names.")
    negatives: bool = Field(
        default=True,
        description="False: pages without LaTeX are left out. So for works of mathematics, where such a page is "
        "mathematics all the same. Works of which a quarter of the pages hold LaTeX are taken for such by themselves.",
    )


class MathScoreTraining(BaseModel):
    """How the math classifier is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    description: str = Field(default="", description="What the model is, for its card.")
    limits: str = Field(
        default="", description="What the model is known to do badly, and on what it was chosen, for its card."
    )
    rules: Rules = Field(
        default="corrected", description="published: features and labels as OpenWebMath's program made them."
    )
    inputs: tuple[TrainingInput, ...] = Field(min_length=1, description="A plain string is short for {from: …}.")
    most: int = Field(
        default=1_000_000, ge=1, description="So many pages of one label are taken from one input at most."
    )
    balance: float = Field(default=3.0, gt=0, description="The larger class is cut to so many times the smaller one.")
    held_back: float = Field(
        default=0.1, gt=0, lt=1, description="Share of the pages kept apart to judge the model by."
    )
    held_back_by: Literal["work", "page"] = Field(
        default="work",
        description="work: whole sites or inputs are kept apart, where there are enough of them, so that the model is "
        "judged on works it never saw. page: single pages.",
    )
    snippets: int = Field(
        default=0,
        ge=0,
        le=20,
        description="Short runs of words of each page that are learned too, so that short texts are known.",
    )
    dimension: int = Field(default=16, ge=1, le=1024, description="Numbers a word.")
    epochs: int = Field(default=25, ge=1, description="Passes over the pages.")
    learning_rate: float = Field(default=0.3, gt=0, description="fastText's `lr`.")
    word_ngrams: int = Field(default=1, ge=1, le=5, description="Longest run of words that counts as one feature.")
    least_count: int = Field(default=5, ge=1, description="A word that occurs less often is not learned.")
    buckets: int = Field(default=200_000, ge=1, description="Places for hashed runs of words, where `word_ngrams` > 1.")
    keep_positive: float = Field(
        default=0.995,
        gt=0,
        le=1,
        description="Share of the pages with LaTeX that the threshold for pages with formulas keeps.",
    )
    pass_negative: float = Field(
        default=0.01,
        ge=0,
        lt=1,
        description="Share of the others that the threshold for pages without formulas lets pass.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_inputs(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("inputs"), list | tuple):
            inputs = [{"from": item} if isinstance(item, str) else item for item in data["inputs"]]
            return {**data, "inputs": inputs}
        return data
