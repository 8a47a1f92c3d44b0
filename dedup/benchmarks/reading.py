"""Reading a benchmark's file: the rows it holds, the columns that matter, and one item a row."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dedup.benchmarks import files
from dedup.benchmarks.choices import OPTIONS, options_text
from dedup.benchmarks.columns import BESIDE_ID, GENERAL, INSTANCE, SPLIT, USUAL, Chosen, choose, named
from dedup.benchmarks.items import LINE, BenchmarkFormat, Item, Reading
from dedup.benchmarks.values import Row, id_of, joined, value_at
from manifests.benchmarks import find_known
from manifests.errors import UserError

TEST = "test"
_DOC, _KEY = "doc", "id"
_Texts = tuple[tuple[str, str], ...]
LENGTH_TOLERANCE = 0.02
"""A copy whose length differs by more than this share from the published one may be another part of the benchmark."""


def read_benchmark(name: str, path: Path, layout: BenchmarkFormat | None = None) -> list[Item]:
    """The items of a benchmark's file, in file order; see `read`."""
    return read(name, path, layout).items


def read(name: str, path: Path, layout: BenchmarkFormat | None = None) -> Reading:
    """Read the benchmark file `path`, of any kind that `files` knows.

    The layout is `layout`, else that of the benchmark known as `name` if the columns are there, else the usual
    columns. Raises UserError that names the file and what was expected if it cannot be read, has none of the
    columns, no items, or two items of one id.
    """
    found = _read(name, path, layout)
    return found._replace(notes=(*found.notes, *_length_notes(name, found.items)))


def _read(name: str, path: Path, layout: BenchmarkFormat | None) -> Reading:
    known = find_known(name)
    within = layout.rows if layout is not None and layout.rows else known.rows if known else None
    rows = [_unfolded(row) for row in files.rows_of(path, within)]
    rows = rows if layout is not None and layout.fields else _named_by_key(rows)
    if not rows:
        raise UserError(f"{path}: benchmark `{name}` has no items; expected JSON lines or Parquet with one item a row")
    columns = list(dict.fromkeys(str(key) for row in rows for key in _own(row)))
    rows, notes = _of_split(path, rows, columns, layout.split if layout else None)
    chosen = choose(columns, rows, layout if layout is not None and layout.fields else None, known)
    if known and known.fields and layout is None and named(chosen.fields.get("problem", ()), GENERAL):
        expected = ", ".join(str(column) for column in known.fields.values())
        raise UserError(
            f"{path}: none of the columns {expected}, by which benchmark `{name}` is known; there are "
            f"{', '.join(columns)}; name them as its fields, or give the benchmark another name"
        )
    if layout is not None and layout.id is not None:
        chosen = chosen._replace(id=layout.id)
    _check(path, rows, columns, chosen, layout)
    items, levels, more = _items(name, path, rows, columns, chosen, strict=layout is not None and layout.id is not None)
    notes += more
    identifier = {LINE: "the numbers of the rows", None: "a hash of the texts"}.get(chosen.id, str(chosen.id))
    return Reading(items, levels, chosen.fields, identifier, _unread(columns, chosen), tuple(notes))


def read_parts(name: str, paths: Mapping[str, Path], layout: BenchmarkFormat | None = None) -> Reading:
    """Read a benchmark of several files (the subjects of MMLU): an item's id is `PART/ID`. One file is read by itself.

    The length of the whole is compared with the published one. Raises UserError as `read` does.
    """
    if len(paths) == 1:
        return read(name, next(iter(paths.values())), layout)
    items: list[Item] = []
    levels: dict[str, str] = {}
    columns: dict[str, tuple[str, ...]] = {}
    unread: dict[str, None] = {}
    notes: list[str] = []
    for part, path in paths.items():
        found = _read(name, path, layout)
        items += [item._replace(id=f"{part}/{item.id}") for item in found.items]
        levels.update({f"{part}/{identifier}": level for identifier, level in found.levels.items()})
        columns.update(found.columns)
        unread.update(dict.fromkeys(found.unread))
        notes += [f"{part}: {note}" for note in found.notes]
    return Reading(items, levels, columns, f"part and {found.id}", tuple(unread), (*notes, *_length_notes(name, items)))


def _length_notes(name: str, items: Sequence[Item]) -> tuple[str, ...]:
    known = find_known(name)
    if known is None or not known.items or abs(len(items) - known.items) <= LENGTH_TOLERANCE * known.items:
        return ()
    return (f"the published test set has {known.items:,}: is this another part of it?",)


def _unfolded(row: Row) -> Row:
    """A row of lm-evaluation-harness's sample files keeps the item under `doc`: its columns are the row's.

    What the harness noted about a model's answers is no part of the item, but can be named (`solution=resps`).
    """
    inner = row.get(_DOC)
    if isinstance(inner, dict) and "doc_id" in row:
        return {**row, **{str(key): value for key, value in inner.items()}}
    return row


def _named_by_key(rows: list[Row]) -> list[Row]:
    """Rows that are objects of one key, each another, whose value has the columns (MathOdyssey): the key is the id."""
    keys = [next(iter(row)) for row in rows if len(row) == 1 and isinstance(next(iter(row.values())), dict)]
    if not keys or len(set(keys)) < len(rows):
        return rows
    return [{_KEY: key, **row[key]} for key, row in zip(keys, rows, strict=True)]


def _own(row: Row) -> Iterable[str]:
    """The columns of a row that are the benchmark's own."""
    inner = row.get(_DOC)
    return [_DOC, "doc_id", *inner] if isinstance(inner, dict) and "doc_id" in row else row


def _of_split(path: Path, rows: list[Row], columns: Sequence[str], wanted: str | None) -> tuple[list[Row], list[str]]:
    """The rows of one part of a file that holds several: the part asked for, else the test part."""
    column = next(iter(named(columns, [SPLIT])), None)
    counts: dict[str, int] = {}
    for row in rows:
        part = id_of(row.get(column)) if column is not None else None
        counts[part or ""] = counts.get(part or "", 0) + 1
    if wanted is not None and wanted not in counts:
        there = ", ".join(f"{part} ({count:,} rows)" for part, count in counts.items() if part) or "none"
        raise UserError(f"{path}: no row has split = `{wanted}`; the parts that are there: {there}")
    if wanted is None and len(counts) < 2:
        return rows, []
    if wanted is None and TEST not in counts:
        there = ", ".join(f"{part or 'none'} ({count:,} rows)" for part, count in counts.items())
        raise UserError(f"{path}: holds several parts, none called `{TEST}`: {there}; choose one with split=NAME")
    part = wanted or TEST
    left = ", ".join(f"{other or 'none'} ({count:,} rows)" for other, count in counts.items() if other != part)
    chosen = [row for row in rows if id_of(row.get(str(column))) == part]
    return chosen, [f"of its parts only `{part}` is read, not {left}"] if left else []


def _check(
    path: Path, rows: Sequence[Row], columns: Sequence[str], chosen: Chosen, layout: BenchmarkFormat | None
) -> None:
    """Raise UserError if nothing is known to be read, or a column that the user named is not there or holds no text."""
    if not chosen.fields and (there := [column for group in USUAL.values() for column in named(columns, group)]):
        raise UserError(f"{path}: no item has a text in {', '.join(there)}")
    if not chosen.fields:
        usual = ", ".join(column for group in USUAL.values() for column in group[:2])
        raise UserError(
            f"{path}: none of the columns {', '.join(columns)} is known; name one: problem=COLUMN (usual are {usual}…)"
        )
    needed = [column for group in chosen.fields.values() for column in group]
    for column in [*needed, *([] if chosen.id in (None, LINE) else [str(chosen.id)])]:
        if not {column, column.partition(".")[0]} & {*columns, *(key for row in rows[:1] for key in row)}:
            raise UserError(f"{path}: no column `{column}`; the columns that are there: {', '.join(columns)}")
    for field, group in chosen.fields.items() if layout and layout.fields else ():
        if not any(_field_text(row, field, group) for row in rows):
            raise UserError(
                f"{path}: no item has a text in column `{'`, `'.join(group)}`, which is named as the {field}"
            )


def _field_text(row: Row, field: str, columns: tuple[str, ...]) -> str:
    return (options_text if field == OPTIONS else joined)(row, columns)


def _items(
    name: str, path: Path, rows: Sequence[Row], columns: Sequence[str], chosen: Chosen, *, strict: bool
) -> tuple[list[Item], dict[str, str], list[str]]:
    texts = [
        tuple(
            (field, text) for field, group in chosen.fields.items() if (text := _field_text(row, field, group)).strip()
        )
        for row in rows
    ]
    identifiers, joined_by = _identifiers(path, rows, columns, chosen, texts, strict=strict)
    items: list[Item] = []
    levels: dict[str, str] = {}
    seen: dict[str, _Texts] = {}
    empty = again = 0
    for identifier, row, fields in zip(identifiers, rows, texts, strict=True):
        if not fields:
            empty += 1
        elif identifier not in seen:
            seen[identifier] = fields
            level = id_of(value_at(row, chosen.level)) if chosen.level else None
            items.append(Item(name, identifier, fields))
            levels.update({identifier: level} if level else {})
        elif seen[identifier] == fields:
            again += 1  # the same texts again say nothing new
        else:
            raise UserError(
                f"{path}: two items have the id `{identifier}` in column `{chosen.id}`; ids must "
                f"differ (id={LINE} counts the rows instead)"
            )
    if not items:
        asked = ", ".join(column for group in chosen.fields.values() for column in group)
        raise UserError(f"{path}: no item has a text in {asked}")
    notes = [f"ids are joined with {' and '.join(joined_by)}"] if joined_by else []
    notes += [f"rows without any text, left out: {empty:,}"] if empty else []
    notes += [f"rows that repeat an item, left out: {again:,}"] if again else []
    without = {field: len(items) - sum(field in dict(item.fields) for item in items) for field in chosen.fields}
    notes += [f"without {field}: {count:,}" for field, count in without.items() if count]
    return items, levels, notes


def _identifiers(
    path: Path,
    rows: Sequence[Row],
    columns: Sequence[str],
    chosen: Chosen,
    texts: Sequence[_Texts],
    *,
    strict: bool,
) -> tuple[list[str], list[str]]:
    """The id of every row, and the columns that were joined to it where it repeats. `strict`: every row has one."""
    if chosen.id == LINE:
        return [str(number) for number in range(len(rows))], []
    if chosen.id is None:
        return [_hashed(fields) for fields in texts], []
    always = [INSTANCE] if INSTANCE in columns and chosen.id != INSTANCE else []
    plain: list[str] = []
    for number, (row, fields) in enumerate(zip(rows, texts, strict=True)):
        value = id_of(value_at(row, chosen.id))
        if value is None and strict:
            raise UserError(f"{path}: row {number} has no id in column `{chosen.id}`; expected a string or a number")
        plain.append(_hashed(fields) if value is None else value)
    if not always and not _repeats(plain, texts):
        return plain, []
    beside = [column for column in named(columns, BESIDE_ID) if column not in (chosen.id, INSTANCE)]
    pairs = [[one, other] for one in beside for other in beside if one != other]
    for group in ([*always, *more] for more in [*([[]] if always else []), *([one] for one in beside), *pairs]):
        found = [
            "-".join([identifier, *(part for column in group if (part := id_of(row.get(column))) is not None)])
            for identifier, row in zip(plain, rows, strict=True)
        ]
        if not _repeats(found, texts):
            return found, group
    return plain, []


def _repeats(identifiers: Sequence[str], texts: Sequence[_Texts]) -> bool:
    """Whether one id stands for different texts."""
    seen: dict[str, _Texts] = {}
    pairs: Iterator[tuple[str, _Texts]] = zip(identifiers, texts, strict=True)
    return any(seen.setdefault(identifier, fields) != fields for identifier, fields in pairs if fields)


def _hashed(fields: tuple[tuple[str, str], ...]) -> str:
    content = "\0".join(f"{field}\0{text}" for field, text in fields).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _unread(columns: Sequence[str], chosen: Chosen) -> tuple[str, ...]:
    taken = {column for group in chosen.fields.values() for column in group} | {str(chosen.id), str(chosen.level)}
    tops = {column.partition(".")[0] for column in taken} | taken
    if _DOC in columns and "doc_id" in columns:
        tops |= {_DOC, "doc_id"}  # the harness's, unfolded
    return tuple(column for column in columns if column not in {*tops, INSTANCE})
