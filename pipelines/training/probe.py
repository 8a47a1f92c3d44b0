"""Does a corpus teach? A small language model, trained for minutes on the stream as a trainer reads it.

A transformer in the manner of GPT-2 (Radford et al., 2019: layer norm before each part, learned positions, tied
embeddings) learns from `pipelines.training.batches`, and its loss is measured by source, in nats a token, before and
after, on the validation rows or, where there are none, on the last training rows, which it then does not learn from.
The same seed gives the same losses on one machine, also when the run is stopped and resumed: what is kept of a run is
the number of its steps and its tensors, as numpy's arrays.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from manifests.errors import UserError
from manifests.writing import write_text
from pipelines.corpus.folder import SHARDS
from pipelines.shards.streaming import ABOUT
from pipelines.training.batches import NOT_LEARNT, Batches

Ids = NDArray[np.int64]

LAYERS, HEADS, WIDTH = 4, 4, 128
"""About 5 million parameters with a vocabulary of 32,000."""
CONTEXT = 256
"""A row is read in parts of so many tokens, or whole if it is shorter."""
RATE, WARM_UP, DECAY = 1e-3, 20, 0.1
MEASURED_ROWS = 64
RESULT, STATE = "probe.json", "probe.npz"


class Probe(NamedTuple):
    """What came out: `before` and `after` are nats a token by source, `curve` the training loss of every step."""

    steps: int
    parameters: int
    before: dict[str, float]
    after: dict[str, float]
    curve: list[float]


def probe(
    folder: Path, output: Path, *, steps: int = 200, batch: int = 8, seed: int = 0, stop_after: int | None = None
) -> Probe:
    """Train for `steps` batches of `batch` rows and write `probe.json`; a run that was stopped goes on.

    `stop_after`: end after so many steps of this call, with what is needed to go on. Raises UserError where PyTorch is
    not installed, for a folder without packed shards, and for one with too few rows.
    """
    try:
        import torch
    except ImportError:
        raise UserError("PyTorch is not installed; expected `pip install proofpile[torch]`") from None

    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    batches = Batches(folder, batch)
    held = _held_back(folder)
    about = json.loads(
        pq.read_schema(next(iter(sorted((folder / SHARDS / "train").glob("*.parquet"))))).metadata[ABOUT]
    )
    usable = len(batches) if (folder / SHARDS / "validation").is_dir() else len(batches) - -(-MEASURED_ROWS // batch)
    if usable < 1:
        raise UserError(
            f"{folder / SHARDS}: {len(batches)} batches of {batch} rows; expected more rows than are held back"
        )
    context = min(CONTEXT, int(about["sequence_length"]))
    model = _model(torch, int(about["vocabulary_size"]), context)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    output.mkdir(parents=True, exist_ok=True)
    mark = json.dumps([seed, batch, steps, about], sort_keys=True)
    done, before, curve = _resumed(torch, output / STATE, mark, model, optimiser)
    before = before or _measured(torch, model, held, context)
    last = steps if stop_after is None else min(steps, done + stop_after)
    for step, rows in _endless(folder, batch, usable, done, last):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
        loss = _loss(torch, model, rows.input_ids, rows.labels, context)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        curve.append(round(float(loss.item()), 6))
    if last < steps:
        _keep(output / STATE, mark, model, optimiser, before, curve)
    after = _measured(torch, model, held, context)
    parameters = sum(one.numel() for one in model.parameters())
    found = Probe(last, parameters, before, after, curve)
    write_text(output / RESULT, json.dumps(found._asdict(), sort_keys=True, indent=1) + "\n")
    return found


def _endless(folder: Path, batch: int, usable: int, done: int, last: int) -> Iterator[tuple[int, Any]]:
    """The batches of the steps from `done` on, the stream over again where it ends."""
    while done < last:
        for rows in Batches(folder, batch, start=done % usable).of_worker(0, 1):
            yield done, rows
            done += 1
            if done == last or done % usable == 0:
                break


def _held_back(folder: Path) -> list[tuple[str, Ids, Ids]]:
    """Source, ids and labels of the rows on which the loss is measured, evenly taken from the sources."""
    split = "validation" if (folder / SHARDS / "validation").is_dir() else "train"
    paths = sorted((folder / SHARDS / split).glob("*.parquet"))
    tables = [pq.read_table(path, columns=["input_ids", "lengths", "source"]) for path in paths[-1:]]
    taken: dict[str, int] = {}
    found: list[tuple[str, Ids, Ids]] = []
    for row in reversed([row for table in tables for row in table.slice(max(0, len(table) - 512)).to_pylist()]):
        if split == "train" and len(found) == MEASURED_ROWS:
            break
        taken[row["source"]] = taken.get(row["source"], 0) + 1
        if split == "train" or taken[row["source"]] <= MEASURED_ROWS:
            ids = np.array(row["input_ids"], dtype=np.int64)
            labels = ids.copy()
            labels[sum(row["lengths"]) :] = NOT_LEARNT
            found.append((row["source"], ids, labels))
    return found


def _measured(torch: Any, model: Any, held: list[tuple[str, Ids, Ids]], context: int) -> dict[str, float]:
    sums: dict[str, list[float]] = {}
    with torch.no_grad():
        for source, ids, labels in held:
            sums.setdefault(source, []).append(float(_loss(torch, model, ids[None], labels[None], context)))
    return {source: round(float(np.mean(values)), 6) for source, values in sorted(sums.items())}


def _loss(torch: Any, model: Any, ids: Ids, labels: Ids, context: int) -> Any:
    usable = ids.shape[1] // context * context
    parts, wanted = (torch.from_numpy(one[:, :usable].reshape(-1, context)) for one in (ids, labels))
    scores = model(parts)[:, :-1].flatten(0, 1)
    return torch.nn.functional.cross_entropy(scores, wanted[:, 1:].flatten(), ignore_index=NOT_LEARNT)


def _model(torch: Any, vocabulary_size: int, context: int) -> Any:
    nn = torch.nn

    class Model(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(vocabulary_size, WIDTH)
            self.places = nn.Embedding(context, WIDTH)
            nn.init.normal_(self.words.weight, std=0.02)
            nn.init.normal_(self.places.weight, std=0.02)
            layer = nn.TransformerEncoderLayer(
                WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            self.layers = nn.TransformerEncoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)
            self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(context), persistent=False)

        def forward(self, ids: Any) -> Any:
            hidden = self.words(ids) + self.places.weight[: ids.shape[1]]
            return self.layers(hidden, mask=self.mask, is_causal=True) @ self.words.weight.T

    return Model()


def _keep(path: Path, mark: str, model: Any, optimiser: Any, before: dict[str, float], curve: list[float]) -> None:
    arrays = {f"model/{name}": value.numpy() for name, value in model.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        arrays |= {f"optimiser/{number}/{name}": value.numpy() for name, value in state.items()}
    about = json.dumps({"mark": mark, "before": before, "curve": curve})
    part = path.with_name(f".{path.name}")
    with part.open("wb") as stream:
        np.savez(stream, about=np.array(about), **arrays)
    part.replace(path)


def _resumed(
    torch: Any, path: Path, mark: str, model: Any, optimiser: Any
) -> tuple[int, dict[str, float], list[float]]:
    """Steps done, first losses and curve of a run with the same settings that was stopped; its state is taken over."""
    if not path.is_file():
        return 0, {}, []
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        if about["mark"] != mark:
            return 0, {}, []
        names = [name for name in arrays.files if name != "about"]
        tensors = {name: torch.from_numpy(np.array(arrays[name])) for name in names}
    model.load_state_dict({name.removeprefix("model/"): tensors[name] for name in names if name.startswith("model/")})
    state: dict[int, dict[str, Any]] = {}
    for name in names:
        if name.startswith("optimiser/"):
            _, number, key = name.split("/")
            state.setdefault(int(number), {})[key] = tensors[name]
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    return len(about["curve"]), about["before"], about["curve"]
