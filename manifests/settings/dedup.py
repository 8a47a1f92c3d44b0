"""Settings of the dedup section of a recipe."""

from pydantic import BaseModel, ConfigDict


class DedupSettings(BaseModel):
    """What a recipe may say under `dedup`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
