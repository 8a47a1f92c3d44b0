"""Settings of the shards section of a recipe: tokenizer, layout, splits, mixture and further forms."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ShardSettings(BaseModel):
    """What a recipe may say under `shards`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokenizer: str = Field(description="Name of the asset: a SentencePiece .model or a tokenizer.json.")
    layout: Literal["documents", "packed"] = Field(
        "packed", description="documents: one row a document; packed: rows of `sequence_length` tokens."
    )
    sequence_length: int = Field(4096, ge=2, le=1 << 24, description="Tokens in a packed row.")
    end_token: str | None = Field(
        None, description="The end-of-document mark, where the tokenizer does not declare it."
    )
    begin: bool = Field(False, description="Put the tokenizer's beginning mark before every document.")
    validation: float = Field(0.005, ge=0, lt=1, description="Share of duplicate clusters that go to validation.")
    test: float = Field(0.005, ge=0, lt=1, description="Share of duplicate clusters that go to test.")
    duplicates: Literal["drop", "keep"] = Field("drop", description="What becomes of listed duplicates.")
    repeat: bool = Field(
        False,
        description="Write each source's training documents as often as its weight says, a fraction drawn by hash; "
        "otherwise once, and the weights stand in shards/mixture.json.",
    )
    shard_mb: float = Field(
        256.0, gt=0, le=1 << 20, description="Documents files of one source are gathered to about this, in MiB."
    )
    jsonl: bool = Field(False, description="Also write .jsonl.zst files of `text` and `meta`, as Proof-Pile-2's.")
    megatron: bool = Field(False, description="Also write .bin and .idx files for GPT-NeoX and Megatron.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together leave nothing to train on")
        return self
