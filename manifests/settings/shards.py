"""Settings of the shards section of a recipe: tokenizer, layout, splits, mixture and further forms."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Form = Literal["texts", "jsonl", "megatron", "nanotron", "olmo", "mds", "litdata"]
ROW_FORMS = ("mds", "litdata")
"""Forms of rows, which must all have one length."""


class ShardSettings(BaseModel):
    """What a recipe may say under `shards`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokenizer: str = Field(
        description="Name of the asset: SentencePiece .model, tokenizer.json, tekken.json or .tiktoken file."
    )
    layout: Literal["documents", "packed"] = Field(
        default="packed", description="documents: one row a document; packed: rows of `sequence_length` tokens."
    )
    packing: Literal["concatenated", "best_fit"] = Field(
        default="concatenated",
        description="concatenated: documents one after the other, cut at the end of a row; best_fit: only those longer "
        "than a row are cut (arXiv 2404.10830).",
    )
    sequence_length: int = Field(default=4096, ge=2, le=1 << 24, description="Tokens in a packed row.")
    end_token: str | None = Field(
        default=None, description="The end-of-document mark, where the tokenizer does not declare it."
    )
    begin: bool = Field(default=False, description="Put the tokenizer's beginning mark before every document.")
    validation: float = Field(
        default=0.005, ge=0, lt=1, description="Share of duplicate clusters that go to validation."
    )
    test: float = Field(default=0.005, ge=0, lt=1, description="Share of duplicate clusters that go to test.")
    duplicates: Literal["drop", "keep"] = Field(default="drop", description="What becomes of listed duplicates.")
    repeat: bool = Field(
        default=False,
        description="Repeat sources so that each has its weight's share of the training tokens and is in the stream at "
        "least once; otherwise every document is in it once, and mixture.json says what the weights ask of a trainer.",
    )
    tokens: int | None = Field(
        default=None, ge=1, description="Tokens of the training stream, instead of every source once."
    )
    max_epochs: float | None = Field(
        default=None, gt=0, description="Refuse a mixture that repeats a source more often than this."
    )
    shard_mb: float = Field(
        default=32.0,
        gt=0,
        le=1 << 20,
        description="Documents files of a source are gathered to about so many MiB of text, the last ones less.",
    )
    formats: tuple[Form, ...] = Field(
        default=("texts",),
        description="Further forms of the documents that are in: texts (Parquet), jsonl (`text` and `meta`, as "
        "Proof-Pile-2's), megatron (.bin and .idx), nanotron (.ds), olmo (.npy), mds, litdata.",
    )

    @model_validator(mode="before")
    @classmethod
    def _formats_by_name(cls, data: Any) -> Any:
        """`jsonl: true` and `megatron: true` are short for a further entry of `formats`."""
        if not isinstance(data, dict):
            return data
        named = {name: data[name] for name in ("jsonl", "megatron") if isinstance(data.get(name), bool)}
        rest = {key: value for key, value in data.items() if key not in named}
        asked = [name for name, wanted in named.items() if wanted]
        if asked:
            others = rest.get("formats", ("texts",))
            rest["formats"] = [*others, *(one for one in asked if one not in others)]
        return rest

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together leave nothing to train on")
        if self.layout != "packed" and self.packing != "concatenated":
            raise ValueError(f"packing: {self.packing} fills rows; expected layout: packed")
        rows = [form for form in self.formats if form in ROW_FORMS]
        if rows and self.layout != "packed":
            raise ValueError(f"formats: {rows[0]} holds rows of one length; expected layout: packed")
        return self
