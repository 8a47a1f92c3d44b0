"""The front matter of the dataset card: what the hub and `datasets` read of a corpus.

The keys are those of huggingface/hub-docs, `datasetcard.md`: configurations name the files of each split, and
`dataset_info` their columns, rows and bytes, so that nothing has to be opened to show them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from manifests.recipe import Recipe
from pipelines.corpus.folder import SHARDS, TEXTS
from pipelines.shards.choices import SPLITS

CARD_NAME = "README.md"


def front_matter(root: Path, recipe: Recipe, totals: Mapping[str, Any]) -> str:
    """The front matter, its marks included."""
    data: dict[str, Any] = {
        "pretty_name": recipe.name,
        "language": ["en"],
        "task_categories": ["text-generation"],
        "tags": ["math", "pretraining"],
        "license": "other",
        "license_name": "as-stated-per-document",
        "license_link": f"{CARD_NAME}#sources-and-licences",
    }
    documents = sum(part["kept"] for part in totals.get("shard", totals.get("extract", {})).values())
    if documents:
        data["size_categories"] = [_size_category(documents)]
    folders = {"default": (SHARDS, "*.parquet"), TEXTS: (TEXTS, "**/*.parquet")}
    configs, infos = [], []
    for name, (folder, pattern) in folders.items():
        there = [split for split in SPLITS if (root / folder / split).is_dir()]
        if there:
            files = [{"split": split, "path": f"{folder}/{split}/{pattern}"} for split in there]
            first = {"config_name": name, "default": True} if name == "default" else {"config_name": name}
            configs.append({**first, "data_files": files})
            infos.append(_info(name, {split: sorted((root / folder / split).glob(pattern)) for split in there}))
    if configs:
        data |= {"configs": configs, "dataset_info": infos}
    return f"---\n{yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)}---"


def _info(name: str, files: Mapping[str, list[Path]]) -> dict[str, Any]:
    """Columns, rows and bytes of a configuration: `num_bytes` as in memory, `download_size` as on the disk."""
    splits = []
    for split, paths in files.items():
        facts = [pq.read_metadata(path) for path in paths]
        size = sum(fact.row_group(n).total_byte_size for fact in facts for n in range(fact.num_row_groups))
        splits.append({"name": split, "num_bytes": size, "num_examples": sum(fact.num_rows for fact in facts)})
    paths = [path for several in files.values() for path in several]
    return {
        "config_name": name,
        "features": [_feature(field) for field in pq.read_schema(paths[0])],
        "splits": splits,
        "download_size": sum(path.stat().st_size for path in paths),
        "dataset_size": sum(split["num_bytes"] for split in splits),
    }


def _feature(field: pa.Field) -> dict[str, str]:
    if pa.types.is_list(field.type):
        return {"name": field.name, "sequence": str(field.type.value_type)}
    return {"name": field.name, "dtype": str(field.type)}


def _size_category(documents: int) -> str:
    """The hub's word for a number of rows."""
    names = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
    if documents < 1000:
        return "n<1K"
    place = min(len(str(documents)) - 4, len(names) - 2)
    return f"{names[place]}<n<{names[place + 1]}"
