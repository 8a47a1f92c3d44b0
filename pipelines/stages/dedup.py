"""The dedup stage: find documents that are equal or nearly so, across all sources and against earlier corpora.

Four steps, and one before them where a recipe names `chunks`. Sign each documents file (units of the stage
`signatures`). Match: two shuffles give the verified edges of the duplicate graph. Solve: components, then the survivor
of each. List: per documents file, what is dropped (units of the stage `dedup`). Documents stay where they are; the
lists decide what the shards take.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup.buckets import Edges, all_pairs, buckets, unique_pairs
from dedup.columns import Ragged
from dedup.components import Components, components
from dedup.key_set import KeySet
from dedup.methods import make_method
from manifests import ledger, machine, mirror
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.output import output
from manifests.records import DUPLICATE
from manifests.settings.dedup import DedupSettings
from manifests.store import scheme_of
from manifests.writing import WORK_FOLDER, atomic, sha256_of, write_table, write_text
from pipelines.corpus.folder import CLUSTERS, fingerprint, payload
from pipelines.engine.beam import beam
from pipelines.engine.engine import Engine
from pipelines.engine.worker import Unit
from pipelines.stages.build import Build
from pipelines.stages.matching import earlier, equal, keys_file, listing, repeats, signing, similar
from pipelines.stages.matching.connected import components_by_stars
from pipelines.stages.matching.earlier import Signed
from pipelines.stages.matching.inputs import InputFile, of_corpus
from pipelines.stages.matching.parameters import parameters_of
from pipelines.stages.matching.shuffle import U64, Plan, Source, read_edges, run_counted, save_rows
from pipelines.stages.matching.survivors import EQUAL, Choice, StandsFor, choose

VERSION = 2
MATCHING = "matching"
EDGE_BYTES = 80
"""Memory that union-find needs for an edge: two numbers, their places, the order, and its share of the nodes."""
MOST_WANTED_KEYS = 1 << 26
"""Keys of new documents that are remembered to pass over an earlier corpus's documents: 512 MiB."""


def run(build: Build) -> None:
    """Deduplicate a build as its recipe says; nothing is done where it has no `dedup` section."""
    if build.recipe.dedup is None:
        return
    order = [source.name for source in build.recipe.sources]
    deduplicate(build, of_corpus(build), build.recipe.dedup, order)


def deduplicate(build: Build, files: Sequence[InputFile], settings: DedupSettings, order: Sequence[str]) -> None:
    """Sign, match, solve and list. `order` ranks sources after those that the settings name.

    Raises UserError for ids that occur twice and for earlier corpora that cannot be compared.
    """
    parameters = parameters_of(settings)
    against = [mirror.opened(name) if scheme_of(name) else build.folder / name for name in settings.against]
    if build.root.resolve() in [path.resolve() for path in against]:
        raise UserError(f"dedup.against: {build.root} is the output itself; expected an earlier corpus")
    method = make_method(settings)
    cold: list[Signed] = []
    for root in against:
        cold += earlier.signed_files(root, parameters, f"{root.name}:", method)
        earlier.finished(root)
    wanted = {"address": settings.addresses, "chunks": settings.chunks}
    files = repeats.exclude(build, files, wanted, partial(run_pipeline, build))
    build.do(signing.STAGE, [signing_unit(build.root, text, settings) for text in files])
    if not files:
        return
    if method.keys_per_document:
        made = zip(sorted(files, key=lambda text: text.stem), earlier.signed_files(build.root, parameters), strict=True)
        build.do(keys_file.STAGE, [keys_unit(build.root, text, signed, settings) for text, signed in made])
    warm = {signed.name: signed for signed in earlier.signed_files(build.root, parameters, method=method)}
    signed = [*cold, *(warm[text.stem] for text in sorted(files, key=lambda text: text.stem))]
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys([*settings.priority, *order]))}
    meaning = {**settings.model_dump(mode="json"), "shuffle_mb": 0, "graph_mb": 0, "against": len(cold)}
    lists = [sha256_of(path) for text in files for path in repeats.all_lists(build.root, text.stem)]
    mark = fingerprint(VERSION, meaning, list(ranks), [file.digests for file in signed], lists)
    shown = {text.stem: text.stem if text.path.is_relative_to(build.root) else text.fact.name for text in files}
    job = _Job(build, settings, plan_of(build.root, settings, signed, len(cold), mark, shown), mark)
    units = job.units(files)
    entries = [(unit.stage, unit.key) for unit in units] + [(CLUSTERS, "all")]
    if not all(ledger.is_done(build.root, stage, key, mark) for stage, key in entries):
        with build.engine.profile.stage(MATCHING):
            job.solve(ranks, partial(earlier.stands_for, against))
    build.do(listing.STAGE, units)
    shutil.rmtree(build.root / WORK_FOLDER / MATCHING, ignore_errors=True)


def warm_up() -> None:
    """Load the kernels of matching, which takes a good part of a second, while the workers load theirs."""
    keys = np.arange(4, dtype=np.uint64)
    KeySet(keys).places(keys)
    make_method(DedupSettings()).keys(Ragged(np.arange(8, dtype=np.uint32), np.array([0, 4, 8])))
    components(*unique_pairs(*all_pairs(buckets(keys // np.uint64(2), keys), 8, 0)))


def signing_unit(root: Path, text: InputFile, settings: DedupSettings) -> Unit:
    """The unit that signs one file of texts."""
    parameters = parameters_of(settings)
    lists = [(Path(path).name, sha256_of(Path(path))) for path in text.excluded]
    return Unit(
        stage=signing.STAGE,
        key=text.key,
        source=text.source,
        root=str(root),
        work="pipelines.stages.matching.signing:work",
        fingerprint=fingerprint(
            VERSION,
            parameters.as_json(),
            settings.quality,
            text.fact.sha256,
            lists,
            text.ours,
            text.id_key,
            text.text_key,
        ),
        payload=payload(
            settings=settings.model_dump(mode="json"),
            path=str(text.path),
            stem=text.stem,
            ours=text.ours,
            id_key=text.id_key,
            text_key=text.text_key,
            excluded=list(text.excluded),
            input=text.fact._asdict(),
        ),
        size=text.fact.bytes,
    )


def keys_unit(root: Path, text: InputFile, signed: Signed, settings: DedupSettings) -> Unit:
    """The unit that makes the keys of one signature file."""
    label = make_method(settings).label
    path = signed.records.relative_to(root).as_posix()
    return Unit(
        stage=keys_file.STAGE,
        key=text.key,
        source=text.source,
        root=str(root),
        work="pipelines.stages.matching.keys_file:work",
        fingerprint=fingerprint(VERSION, label, parameters_of(settings).as_json(), signed.digests),
        payload=payload(
            settings=settings.model_dump(mode="json"),
            records=InputFact(path, signed.records.stat().st_size, signed.digests[1])._asdict(),
        ),
    )


def plan_of(
    root: Path, settings: DedupSettings, signed: Sequence[Signed], frozen: int, mark: str, shown: Mapping[str, str]
) -> Plan:
    """What the matching pipelines need to know. `shown`: what to call a file of that stem, if not by its stem."""
    sources = tuple(
        Source(
            place, one.name, str(one.signatures), str(one.records), one.rows, shown.get(one.name, one.name), one.keys
        )
        for place, one in enumerate(signed)
    )
    return Plan(
        sources=sources,
        frozen=frozen,
        settings=settings,
        folder=str(root / WORK_FOLDER / MATCHING / mark[:16]),
    )


def shuffling(build: Build) -> Engine:
    """The engine for pipelines that shuffle.

    With several workers the embedded runner's shuffles were seen to lose rows on a busy machine; with one its data
    stays in memory. The kernels, not the workers, make this fast.
    """
    return replace(build.engine, workers=1) if build.engine.in_process else build.engine


def run_pipeline(build: Build, make: Callable[[], beam.PTransform], folder: Path) -> None:
    """Run the transform that `make` gives (anew for each try, as it belongs to one pipeline), counting its rows."""
    run_counted(shuffling(build).run_pipeline, lambda pipeline: pipeline | make(), folder, build.progress.say)


class _Job:
    """One run of matching and solving; its files lie in a folder named by all that decides them."""

    def __init__(self, build: Build, settings: DedupSettings, plan: Plan, mark: str) -> None:
        self.build, self.settings, self.plan, self.mark = build, settings, plan, mark
        self.folder = Path(plan.folder)

    def units(self, files: Sequence[InputFile]) -> list[Unit]:
        """The units that list duplicates."""
        by_name = {source.name: source for source in self.plan.sources[self.plan.frozen :]}
        return [
            Unit(
                stage=listing.STAGE,
                key=text.key,
                source=text.source,
                root=str(self.build.root),
                work="pipelines.stages.matching.listing:work",
                fingerprint=self.mark,
                payload=payload(
                    stem=text.stem,
                    chosen=str(self.folder / f"chosen-{by_name[text.stem].place:05d}.parquet"),
                    listed=str(self.folder / f"listed-{by_name[text.stem].place:05d}.parquet"),
                    records=str(self.folder / "records.json"),
                    signatures=by_name[text.stem].signatures,
                    settings=self.settings.model_dump(mode="json"),
                    inputs=[text.fact._asdict()],
                ),
            )
            for text in files
        ]

    def solve(self, ranks: dict[str, int], stands_for: StandsFor) -> None:
        """Match, find components and survivors, and leave each listing unit its part.

        Done once for a mark and a start of the system: it may have lost its power before these files were on the disk.
        """
        done, mark = self.folder / "done", f"{self.mark} {machine.started()}\n"
        if done.is_file() and done.read_text(encoding="utf-8") == mark:
            return
        shutil.rmtree(self.folder.parent, ignore_errors=True)
        self.folder.mkdir(parents=True)
        found, edges, numbers = self.match()
        choice = choose(self.plan, found, edges, ranks, stands_for) if len(found.members) else None
        if choice is not None:
            stay = pc.subtract(choice.clusters.column("size"), choice.clusters.column("dropped")).to_numpy()
            numbers["clusters_cut"] = int((stay > 1).sum())
        self.hand_out(choice)
        self.write_clusters(choice, numbers)
        write_text(done, mark)

    def match(self) -> tuple[Components, Edges, dict[str, int]]:
        """Run both pipelines; components, all edges, and counts for the ledger."""
        plan, say = self.plan, self.build.progress.say

        def run(make: Callable[[], beam.PTransform]) -> None:
            run_pipeline(self.build, make, self.folder)

        run(partial(equal.EqualDocuments, plan, self._wanted("hashes", equal.wanted_hashes)))
        left, right = unique_pairs(*read_edges(sorted(self.folder.glob("equal-*.npy")))[:2])
        same = Edges(left, right, np.full(len(left), EQUAL))
        pairs, counts = same, {"candidates": len(same.left), "confirmed": len(same.left), "given_up": 0}
        if plan.method.keys_per_document:
            skipped = self._save("skipped", np.unique(same.right))
            wanted = self._wanted("keys", similar.wanted_keys)
            run(partial(similar.SimilarDocuments, plan, skipped, wanted))
            near = read_edges([*sorted(self.folder.glob("led-*.npy")), *sorted(self.folder.glob("similar-*.npy"))])
            pairs = Edges(*(np.concatenate(side) for side in zip(same, near, strict=True)))
            for path in sorted(self.folder.glob("*.json")):
                for name, count in json.loads(path.read_text(encoding="utf-8")).items():
                    counts[name] += count
        rounds = 0
        if len(pairs.left) * EDGE_BYTES <= self.settings.graph_mb << 20:
            found = components(pairs.left, pairs.right)
        else:
            path = Path(self._save("graph", np.stack([pairs.left, pairs.right], axis=1)))
            found, rounds = components_by_stars(
                [path],
                len(pairs.left),
                self.folder / "rounds",
                shuffling(self.build).run_pipeline,
                say,
                self.settings.shuffle_mb << 20,
            )
        counts["false_candidates"] = counts["candidates"] - counts["confirmed"]
        if plan.method.error:
            at = f"at {plan.method.threshold:g}"
            say(f"dedup: similarities are estimates; their standard error is {plan.method.error:.3f} {at}")
        self.build.progress.say(
            f"dedup: {counts['candidates']:,} candidate pairs, {counts['false_candidates']:,} of them false; "
            f"{len(np.unique(found.roots)):,} clusters" + (f" after {rounds} rounds of stars" if rounds else "")
        )
        return found, pairs, counts

    def _save(self, name: str, rows: Any) -> str:
        path = self.folder / f"{name}.npy"
        save_rows(path, rows)
        return str(path)

    def _wanted(self, name: str, collect: Callable[[Plan, int], U64 | None]) -> str | None:
        """What earlier corpora are searched for; None where there are none or the new documents are too many."""
        keys = collect(self.plan, MOST_WANTED_KEYS) if self.plan.frozen else None
        return None if keys is None else self._save(f"wanted-{name}", keys)

    def hand_out(self, choice: Choice | None) -> None:
        """Leave every new documents file its dropped documents, and the paths by which numbers are resolved."""
        write_text(self.folder / "records.json", json.dumps([source.records for source in self.plan.sources]))
        dropped = choice.dropped if choice is not None else EMPTY
        places = pc.shift_right(dropped.column("number"), pa.scalar(32, pa.uint64()))
        for source in self.plan.sources[self.plan.frozen :]:
            part = dropped.filter(pc.equal(places, pa.scalar(source.place, pa.uint64()))).sort_by("number")
            with atomic(self.folder / f"chosen-{source.place:05d}.parquet") as temporary:
                write_table(temporary, part)
            listed = [
                pq.read_table(path, partitioning=None) for path in repeats.all_lists(self.build.root, source.name)
            ]
            if listed:
                with atomic(self.folder / f"listed-{source.place:05d}.parquet") as temporary:
                    write_table(temporary, self._through(pa.concat_tables(listed), dropped))

    def _through(self, table: pa.Table, dropped: pa.Table) -> pa.Table:
        """A list of an early method with the clusters of what stands in for its survivors by later methods."""
        stems = [source.name for source in self.plan.sources[self.plan.frozen :]]
        paths = [path for stem in stems if (path := repeats.list_of(self.build.root, stem, "chunks")).is_file()]
        for later in (*(pq.read_table(path, partitioning=None) for path in paths), dropped):
            roots = table.column("cluster")
            at = pc.index_in(roots, value_set=later.column("id"))
            clusters = pc.coalesce(later.column("cluster").combine_chunks().take(at), roots)
            table = table.set_column(table.schema.get_field_index("cluster"), DUPLICATE.field("cluster"), clusters)
        return table

    def write_clusters(self, choice: Choice | None, numbers: dict[str, int]) -> None:
        """The table of clusters, the largest first, with its ledger entry."""
        root = self.build.root
        ledger.withdraw(root, CLUSTERS, "all")
        count = 0 if choice is None else choice.clusters.num_rows
        with output(root, CLUSTERS, "all") as out:
            if choice is not None:
                name = f"{CLUSTERS}/clusters.parquet"
                write_table(out.path(name), choice.clusters)
                out.wrote(name, count)
            out.account("all", self.mark, count, count, numbers=numbers)


EMPTY = pa.table(
    {
        "id": pa.array([], pa.string()),
        "number": pa.array([], pa.uint64()),
        "kept_number": pa.array([], pa.uint64()),
        "kept_id": pa.array([], pa.string()),
        "cluster": pa.array([], pa.string()),
        "method": pa.array([], pa.string()),
    }
)
