"""Settings of the dedup section of a recipe."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DedupSettings(BaseModel):
    """What a recipe may say under `dedup`.

    Defaults: shingles of 5 words (FineWeb), 128 permutations and a Jaccard threshold of 0.8, verified exactly, with
    bands by which at least .98 of the pairs at .82 meet. OpenWebMath's own method is `method: simhash` with its
    defaults.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str = Field(
        default="minhash", description="How near duplicates are found: minhash, simhash; exact: only equal texts."
    )
    exact: tuple[Literal["bytes", "normalised"], ...] = Field(
        default=("bytes", "normalised"), description="What counts as equal whatever the method."
    )
    normalisation: Literal["none", "lower", "folded"] = Field(
        default="lower",
        description="none: words as written; lower: lower case; folded: also without accents and variants.",
    )
    shingle_words: int = Field(default=5, ge=1, le=1000, description="Words in a shingle.")
    permutations: int = Field(default=128, ge=2, le=4096, description="Permutations of a MinHash signature.")
    seed: int = Field(default=1, ge=0, lt=1 << 32, description="Seed of the permutations, as datasketch takes it.")
    threshold: float = Field(
        default=0.8, gt=0, le=1, description="Jaccard similarity from which documents are duplicates."
    )
    false_positive_weight: float = Field(
        default=0.5, ge=0, le=1, description="Weight of false candidates in the optimum; misses get the rest."
    )
    band_choice: Literal["recall", "optimum"] | None = Field(
        default=None,
        description="recall: pairs just above the threshold meet (the default with exact verification, which drops "
        "false candidates); optimum: datasketch's balance of misses and false candidates (the default with estimates).",
    )
    bands: int | None = Field(default=None, ge=1, description="Bands, instead of a choice; needs `rows`.")
    rows: int | None = Field(default=None, ge=1, description="Rows in a band, instead of a choice; needs `bands`.")
    verification: Literal["exact", "estimate"] = Field(
        default="exact",
        description="exact: true Jaccard of the shingle sets, which are kept (about half of the text's "
        "size); estimate: from the signatures, standard error sqrt(s (1 - s) / permutations).",
    )
    differing_bits: int = Field(default=3, ge=0, le=32, description="SimHash: bits in which duplicates may differ.")
    blocks: int = Field(
        default=4, ge=1, le=64, description="SimHash: blocks of the fingerprint of which one must be equal."
    )
    chunks: tuple[str, ...] = Field(
        default=(),
        description="Sources of which first goes what shares pieces of 2,048 characters with an earlier document of "
        "the same language, by the source's rules: one piece (published), half of them (corrected).",
    )
    addresses: tuple[str, ...] = Field(
        default=(), description="Sources of which only the newest document of each address takes part, before all else."
    )
    priority: tuple[str, ...] = Field(
        default=(), description="Sources whose documents survive first; the others follow in the recipe's order."
    )
    quality: str | None = Field(
        default=None, description="Score by which the better of two documents survives (higher wins)."
    )
    survivors: Literal["alike", "one"] = Field(
        default="alike",
        description="alike: what goes is verified to be alike to something that stays; one: of all that hang together "
        "by any chain of pairs one stays, as in the published corpora.",
    )
    against: tuple[str, ...] = Field(
        default=(), description="Earlier corpora; what they have is dropped, they stay untouched."
    )
    compare_all_to: int = Field(
        default=64,
        ge=2,
        le=4096,
        description="Buckets up to this many documents are compared pair by pair, larger by leaders.",
    )
    shuffle_mb: int = Field(
        default=8,
        ge=1,
        description="About how many MiB of shuffled rows a worker holds; sorting takes several times that.",
    )
    graph_mb: int = Field(
        default=1024,
        ge=0,
        description="Memory for the graph of duplicates, in MiB; a larger one is solved by the runner.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.bands is None) != (self.rows is None):
            raise ValueError("bands and rows go together: give both or neither")
        if self.bands is not None and self.rows is not None and self.bands * self.rows > self.permutations:
            raise ValueError(f"bands x rows = {self.bands * self.rows} is more than permutations = {self.permutations}")
        if 64 % self.blocks:
            raise ValueError(f"blocks: expected a divisor of 64, found {self.blocks}")
        if self.method == "simhash" and self.differing_bits >= self.blocks:
            raise ValueError(
                f"differing_bits = {self.differing_bits} needs more blocks than {self.blocks}, or pairs are missed"
            )
        return self
