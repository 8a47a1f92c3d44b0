"""Files that share a piece with an earlier file: the published deduplication of the GitHub languages.

Source: `deduplicate` in process_github.py (EleutherAI/math-lm). A text is cut into pieces of 2,048 characters, each
piece hashed with SHA-256; a file with a hash that was seen before goes. Hashes of one file are independent of all
others (`chunk_hashes`); who was first is decided over a whole language (`chunk_duplicates`), in the order in which
the caller brings the files.
"""

import hashlib
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from manifests.records import Rules

CHUNK_CHARACTERS = 2048

Name = TypeVar("Name", bound=Hashable)


class ChunkedFile(NamedTuple, Generic[Name]):
    """A file by its pieces' hashes, in order. `others` counts further pieces that no file is known to repeat."""

    id: Name
    hashes: Iterable[Hashable]
    others: int = 0


class ChunkDuplicate(NamedTuple, Generic[Name]):
    """A file that goes, the file that it shares a piece with, and how much of it was seen before (0 to 1)."""

    id: Name
    kept_id: Name
    shared: float


def chunk_hashes(text: str, rules: Rules) -> list[bytes]:
    """The SHA-256 of every piece that counts, in order.

    `published`: whole pieces, and a text shorter than one piece as a whole; the rest at the end of a longer text does
    not count, and an empty text has no piece. `corrected` takes the last 2,048 characters for the last piece, so that
    the rest counts and no piece is a line's end that thousands of files share.
    """
    pieces = [text[start : start + CHUNK_CHARACTERS] for start in range(0, len(text), CHUNK_CHARACTERS)]
    if len(pieces) > 1 and len(pieces[-1]) < CHUNK_CHARACTERS:
        pieces.pop()
        if rules == "corrected":
            pieces.append(text[-CHUNK_CHARACTERS:])
    return [hashlib.sha256(piece.encode("utf-8", "surrogatepass")).digest() for piece in pieces]


def chunk_duplicates(files: Iterable[ChunkedFile[Name]], rules: Rules) -> Iterator[ChunkDuplicate[Name]]:
    """The files, of all `files`, that an earlier one makes superfluous.

    `published`: one piece seen before is enough, also when the file itself repeats it (then `kept_id` is its own id,
    and no copy is left at all), and pieces of a file that goes still count against later files. `corrected`: at least
    half of the file's different pieces must lie in files that stay; a licence header of 2,048 characters that two
    files share costs neither.
    """
    owner: dict[Hashable, Name] = {}
    for identifier, hashes, others in files:
        if rules == "published":
            first: Name | None = None
            count, shared = others, 0
            for chunk in hashes:
                count += 1
                if chunk in owner:
                    shared += 1
                    first = owner[chunk] if first is None else first
                else:
                    owner[chunk] = identifier
            if first is not None:
                yield ChunkDuplicate(identifier, first, shared / count)
            continue
        different = dict.fromkeys(hashes)
        seen = [chunk for chunk in different if chunk in owner]
        if seen and 2 * len(seen) >= len(different) + others:
            owners = [owner[chunk] for chunk in seen]
            yield ChunkDuplicate(identifier, max(owners, key=owners.count), len(seen) / (len(different) + others))
        else:
            for chunk in different:
                owner.setdefault(chunk, identifier)
