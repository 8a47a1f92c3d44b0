"""Settings of the overlap section of a recipe."""

from pydantic import BaseModel, ConfigDict


class OverlapSettings(BaseModel):
    """What a recipe may say under `overlap`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
