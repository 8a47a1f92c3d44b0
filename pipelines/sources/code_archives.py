"""The source files of an archive beside the licences that hold for them, in one pass.

A licence file may stand behind the files that it is about, so files are held back until the archive ends, or until so
much was read that waiting for the rest would cost more than it brings: from there on a file has the licences that were
met before it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from filters.code.licences import ArchiveLicences, archive_licences, speaks_of_licence
from pipelines.extraction.archives import packed_files as archives

HELD_BYTES = 96 << 20
"""So many bytes of source files are held back at most."""
SEARCHED_BYTES = 256 << 20
"""Files are held back while so many bytes of the archive's content are read."""
MOST_LICENCES = 2000
"""So many licence files are looked at."""
MOST_LICENCE_BYTES = 1 << 20


def files_with_licences(
    path: Path, limits: archives.Limits, wanted: Callable[[str], bool]
) -> Iterator[tuple[archives.Member, ArchiveLicences]]:
    """The members of an archive that are `wanted` or no files, each with the licences of the archive.

    Raises DamagedArchive where reading cannot go on, after everything before has been yielded.
    """
    texts: list[tuple[str, str]] = []
    held: deque[archives.Member] = deque()
    size, holding = 0, True
    licences = ArchiveLicences()
    damage: archives.DamagedArchive | None = None
    try:
        for member in archives.members(
            path, limits, lambda name: wanted(name) or speaks_of_licence(name), special=True
        ):
            if not member.special and speaks_of_licence(member.path) and len(texts) < MOST_LICENCES:
                texts.append((member.path, _text(member)))
                licences = licences if holding else archive_licences(texts)
            if not member.special and not wanted(member.path):
                continue
            if not holding:
                yield member, licences
                continue
            held.append(member)
            size += len(member.content or b"")
            if size > HELD_BYTES or member.position > SEARCHED_BYTES:
                holding, licences = False, archive_licences(texts)
                while held:
                    yield held.popleft(), licences
    except archives.DamagedArchive as error:
        damage = error
    if holding:
        licences = archive_licences(texts)
    while held:
        yield held.popleft(), licences
    if damage is not None:
        raise damage


def _text(member: archives.Member) -> str:
    content = member.content or b""
    return content.decode("utf-8", "replace") if len(content) <= MOST_LICENCE_BYTES else ""
