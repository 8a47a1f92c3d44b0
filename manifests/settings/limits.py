"""What one record, one file and one server may be asked for: the `limits` section of a recipe."""

from pydantic import BaseModel, ConfigDict, Field


class LimitSettings(BaseModel):
    """What one record may cost, and how many may fail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(
        default=60.0, gt=0, le=1e6, description="Processor seconds for one record; ten times as long asleep."
    )
    memory_mb: int = Field(default=4096, ge=256, le=1 << 24, description="Resident memory of a worker process, in MiB.")
    failure_rate: float = Field(
        default=0.05, ge=0, le=1, description="The run stops when a larger share of a source's records fails."
    )
    failures_allowed: int = Field(
        default=20, ge=0, description="So many failures of a source never stop the run, whatever the rate."
    )
    file_mb: float = Field(
        default=65_536.0,
        gt=0,
        le=1 << 30,
        description="A raw file or asset from elsewhere with more MiB than this is refused.",
    )
    total_mb: float | None = Field(
        default=None, gt=0, description="So many MiB are fetched for one input at most; default: as many as there are."
    )
    requests_per_second: float = Field(
        default=20.0, gt=0, le=1e4, description="Records asked for by an index, of all workers."
    )
    unit_mb: float = Field(
        default=32.0,
        gt=0,
        le=1 << 20,
        description="Raw files are grouped into units that hold about so many MiB unpacked, the last ones less.",
    )
    rejected_texts: int = Field(
        default=10,
        ge=0,
        le=10_000,
        description="Of each unit, the texts of so many rejected records a reason are kept.",
    )
