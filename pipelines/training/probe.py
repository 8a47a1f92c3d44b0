"""Does a corpus teach? A small language model, trained for minutes on the stream as a trainer reads it.

The model of `pipelines.training.small_model` learns from `pipelines.training.batches`; its loss by source, in nats a
token, is measured before, a few times on the way, and after, on rows that it does not learn from
(`pipelines.training.held_out`). The same seed gives the same losses on one machine, also when the run is stopped and
goes on: what is kept of a run is the number of its steps and its tensors, as numpy's arrays.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from manifests.errors import UserError
from manifests.writing import write_text
from pipelines.corpus.folder import PROBE, PROBE_MODEL, PROBE_PLOT, SHARDS
from pipelines.report.teaching import drawing, stream_digest
from pipelines.shards.streaming import ABOUT
from pipelines.training.batches import NOT_LEARNT, Batch, Batches
from pipelines.training.held_out import HeldOut, Row, held_out
from pipelines.training.small_model import language_model, save

CONTEXT = 256
"""A row is read in parts of so many tokens, or whole if it is shorter."""
STEP_TOKENS, STEPS = 1 << 12, 60
"""Some 250,000 tokens: three to five minutes of one processor with a vocabulary of 32,000."""
RATE, WARM_UP, DECAY = 2e-3, 10, 0.1
MEASURED_AT = (0.0, 0.25, 0.5, 1.0)
"""Parts of the steps after which the loss by source is measured."""
SCORES = 1 << 25
"""Numbers that the scores of a part of a batch may be: 128 MiB, and about three times that with their gradients."""
STATE = "probe.npz"


class Probe(NamedTuple):
    """What came out.

    `points`: by source, pairs of steps done and nats a token; `splits`: by source, where the measured rows are from;
    `curve`: the training loss of every step; `tokens`: how many were learnt from; `stream`: a digest of the corpus's.
    """

    steps: int
    tokens: int
    parameters: int
    seed: int
    splits: dict[str, str]
    points: dict[str, list[tuple[int, float]]]
    curve: list[float]
    stream: str

    @property
    def before(self) -> dict[str, float]:
        """Nats a token by source before the first step."""
        return {source: points[0][1] for source, points in self.points.items()}

    @property
    def after(self) -> dict[str, float]:
        """Nats a token by source, as last measured."""
        return {source: points[-1][1] for source, points in self.points.items()}


def probe(
    folder: Path,
    output: Path,
    *,
    steps: int = STEPS,
    batch: int | None = None,
    seed: int = 0,
    stop_after: int | None = None,
    measured: HeldOut | None = None,
) -> Probe:
    """Train for `steps` batches of `batch` rows, then write `probe.json` and `model/`; a run that was stopped goes on.

    `batch`: about `STEP_TOKENS` tokens unless it is told. `stop_after`: end after so many steps of this call, with what
    is needed to go on. `measured`: rows to measure in place of the corpus's own. Raises UserError where PyTorch is not
    installed, for a folder without packed shards, and for one with too few rows.
    """
    try:
        import torch
    except ImportError:
        raise UserError("PyTorch is not installed; expected `pip install proofpile[torch]`") from None

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    about = about_of_shards(folder)
    batch = batch or max(1, STEP_TOKENS // int(about["sequence_length"]))
    own = held_out(folder, int(about["sequence_length"]))
    held = measured or own
    there = len(Batches(folder, 1))
    usable = (there if own.first is None else own.first) // batch
    if usable < 1:
        raise UserError(
            f"{folder / SHARDS}: {there} rows, of which a step takes {batch}; expected more rows than are held back"
        )
    context = min(CONTEXT, int(about["sequence_length"]))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = language_model(torch, int(about["vocabulary_size"]), context).to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    output.mkdir(parents=True, exist_ok=True)
    mark = json.dumps([seed, batch, steps, about, sorted(held.rows)], sort_keys=True)
    points, curve = _resumed(torch, output / STATE, mark, model, optimiser)
    wanted = sorted({round(part * steps) for part in MEASURED_AT})
    if not curve:
        points = {source: [] for source in held.rows}
        _measure(torch, model, held.rows, context, points, 0)
    last = steps if stop_after is None else min(steps, len(curve) + stop_after)
    for step, rows in _endless(folder, batch, usable, len(curve), last):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
        optimiser.zero_grad()
        curve.append(round(_loss(torch, model, Row(rows.input_ids, rows.labels), context, learn=True), 6))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step + 1 in wanted:
            _measure(torch, model, held.rows, context, points, step + 1)
    if last < steps:
        _keep(output / STATE, mark, model, optimiser, points, curve)
    else:
        (output / STATE).unlink(missing_ok=True)
        save(model, output / Path(PROBE_MODEL).name, folder, about)
    parameters = sum(one.numel() for one in model.parameters())
    tokens = last * batch * int(about["sequence_length"])
    found = Probe(last, tokens, parameters, seed, held.splits, points, curve, stream_digest(folder))
    write_text(output / Path(PROBE).name, json.dumps(found._asdict(), sort_keys=True, indent=1) + "\n")
    write_text(output / Path(PROBE_PLOT).name, drawing(points, alone=True))
    return found


def about_of_shards(folder: Path) -> dict[str, Any]:
    """What a corpus's shards tell of themselves. Raises UserError for a folder without packed shards."""
    Batches(folder, 1)
    path = min((folder / SHARDS / "train").glob("*.parquet"))
    found: dict[str, Any] = json.loads(pq.read_schema(path).metadata[ABOUT])
    return found


def _endless(folder: Path, batch: int, usable: int, done: int, last: int) -> Iterator[tuple[int, Batch]]:
    """The batches of the steps from `done` on, the stream over again where it ends."""
    while done < last:
        for rows in Batches(folder, batch, start=done % usable).of_worker(0, 1):
            yield done, rows
            done += 1
            if done == last or done % usable == 0:
                break


def _measure(
    torch: Any,
    model: Any,
    held: Mapping[str, list[Row]],
    context: int,
    points: dict[str, list[tuple[int, float]]],
    step: int,
) -> None:
    """Add the loss of every source to its points."""
    for source, rows in held.items():
        together = Row(np.stack([row.ids for row in rows]), np.stack([row.labels for row in rows]))
        points[source].append((step, round(_loss(torch, model, together, context, learn=False), 6)))


def _loss(torch: Any, model: Any, rows: Row, context: int, *, learn: bool) -> float:
    """The mean loss of rows, in nats a token; where `learn`, its gradients are added to the model's.

    The rows go through the model in parts whose scores fit into memory, whatever the vocabulary.
    """
    usable = rows.ids.shape[1] // context * context
    device, vocabulary = model.words.weight.device, model.words.weight.shape[0]
    ids, labels = (torch.from_numpy(np.ascontiguousarray(one[:, :usable])).reshape(-1, context) for one in rows)
    count = int((labels[:, 1:] != NOT_LEARNT).sum())
    size = max(1, SCORES // (context * vocabulary))
    whole = 0.0
    for start in range(0, len(ids), size):
        with torch.set_grad_enabled(learn):
            scores = model(ids[start : start + size].to(device))[:, :-1].flatten(0, 1)
            wanted = labels[start : start + size, 1:].flatten().to(device)
            loss = torch.nn.functional.cross_entropy(scores, wanted, ignore_index=NOT_LEARNT, reduction="sum")
            loss = loss / max(1, count)
            if learn:
                loss.backward()
        whole += float(loss.item())
    return whole


def _keep(
    path: Path,
    mark: str,
    model: Any,
    optimiser: Any,
    points: Mapping[str, list[tuple[int, float]]],
    curve: list[float],
) -> None:
    arrays = {f"model/{name}": value.cpu().numpy() for name, value in model.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        arrays |= {f"optimiser/{number}/{name}": value.cpu().numpy() for name, value in state.items()}
    about = json.dumps({"mark": mark, "points": points, "curve": curve})
    part = path.with_name(f".{path.name}")
    with part.open("wb") as stream:
        np.savez(stream, about=np.array(about), **arrays)
    part.replace(path)


def _resumed(
    torch: Any, path: Path, mark: str, model: Any, optimiser: Any
) -> tuple[dict[str, list[tuple[int, float]]], list[float]]:
    """Points and curve of a run with the same settings that was stopped; its state is taken over."""
    if not path.is_file():
        return {}, []
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        if about["mark"] != mark:
            return {}, []
        names = [name for name in arrays.files if name != "about"]
        tensors = {name: torch.from_numpy(np.array(arrays[name])) for name in names}
    model.load_state_dict({name.removeprefix("model/"): tensors[name] for name in names if name.startswith("model/")})
    state: dict[int, dict[str, Any]] = {}
    for name in names:
        if name.startswith("optimiser/"):
            _, number, key = name.split("/")
            state.setdefault(int(number), {})[key] = tensors[name]
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    points = {source: [(int(step), float(loss)) for step, loss in one] for source, one in about["points"].items()}
    return points, about["curve"]
