"""Settings of the shards section of a recipe."""

from pydantic import BaseModel, ConfigDict


class ShardSettings(BaseModel):
    """What a recipe may say under `shards`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
