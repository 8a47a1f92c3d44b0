"""Lists of files that sources publish: one path a line (Common Crawl, RedPajama), and arXiv's manifest of monthly tars.

Sources of the formats: Common Crawl, "Get started" (`warc.paths.gz`: paths below the host or bucket); RedPajama-Data,
branch rp_v1 (`urls.txt`: one address a line); arXiv, "Bulk data access" (`arXiv_src_manifest.xml`).
"""

import io
import re
import zlib
from typing import NamedTuple

import zstandard
from lxml import etree

from manifests.errors import UserError

LONGEST_LIST = 1 << 30
MOST_LINES = 20_000_000
"""Common Crawl's longest list has 90,000."""
LIST_SUFFIXES = (".paths", ".paths.gz", ".paths.zst")
MANIFEST = re.compile(r"arXiv_(?:src|pdf)_manifest\.xml\Z")
_LINE = re.compile(r"[^\n]+")
_MD5 = re.compile(r"[0-9a-f]{32}\Z")
_YYMM = re.compile(r"\d{4}\Z")


class Entry(NamedTuple):
    """A file of arXiv's manifest: its key in the bucket, length, md5, and the month its papers came in (YYYY-MM)."""

    key: str
    size: int
    md5: str
    month: str


def lines(content: bytes, shown: str) -> list[str]:
    """The paths or addresses of a list, plain, gzipped or zstandard; empty lines and those after `#` do not count.

    Raises UserError naming `shown` for a list that is damaged, not text, a page of the web (servers send one for what
    they do not have), or longer than `LONGEST_LIST` bytes or `MOST_LINES` lines.
    """
    plain = _unpack(content, shown)
    try:
        text = plain.decode("utf-8")
        problem = None
    except UnicodeDecodeError as error:
        problem = UserError(f"{shown}: not a list of paths (byte {error.start} is not UTF-8)")
    if problem is not None:
        raise problem
    if text.lstrip("\ufeff\r\n\t ").startswith("<"):
        raise UserError(f"{shown}: not a list of paths (it begins as a page of the web or as XML)")
    found: list[str] = []
    for one in _LINE.finditer(text):  # no list of the empty ones, of which a few bytes can hold millions
        line = one.group().strip()
        if line and not line.startswith("#"):
            found.append(line)
            if len(found) > MOST_LINES:
                raise UserError(f"{shown}: the list has more than {MOST_LINES} lines")
    return found


def _unpack(content: bytes, shown: str) -> bytes:
    problem = f"{shown}: the packed list is damaged"
    try:
        if content.startswith(b"\x1f\x8b"):
            plain = _gunzip(content)
        elif content.startswith(b"\x28\xb5\x2f\xfd"):
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True) as stream:
                plain = stream.read(LONGEST_LIST + 1)
        else:
            plain = content
        if len(plain) <= LONGEST_LIST:
            return plain
        problem = f"{shown}: the list is longer than {LONGEST_LIST} bytes"
    except (zlib.error, zstandard.ZstdError, EOFError):
        pass
    raise UserError(problem)


def _gunzip(content: bytes) -> bytes:
    """All members of a gzip file; EOFError if the last one is cut short."""
    plain = bytearray()
    while content and len(plain) <= LONGEST_LIST:
        member = zlib.decompressobj(wbits=31)
        plain += member.decompress(content, LONGEST_LIST + 1 - len(plain))
        if not member.eof and len(plain) <= LONGEST_LIST:
            raise EOFError
        content = member.unused_data
    return bytes(plain)


def arxiv_manifest(content: bytes, shown: str) -> list[Entry]:
    """The entries of arXiv's manifest, by key. Raises UserError naming `shown` for one that is not such a manifest."""
    if b"<!" in content[:4096].replace(b"<!--", b""):
        raise UserError(f"{shown}: not arXiv's manifest (it declares a document type)")
    entries: dict[str, Entry] = {}
    problem = None
    try:
        reader = etree.iterparse(
            io.BytesIO(content), tag="file", resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, element in reader:
            entry = _entry(element, shown)
            entries[entry.key] = entry
            element.clear()
    except etree.XMLSyntaxError as error:
        problem = UserError(f"{shown}: not XML (line {error.lineno})")
    if problem is not None:
        raise problem
    if not entries:
        raise UserError(f"{shown}: lists no <file>")
    return [entries[key] for key in sorted(entries)]


def _entry(element: etree._Element, shown: str) -> Entry:
    values = {name: (element.findtext(name) or "").strip() for name in ("filename", "size", "md5sum", "yymm")}
    sound = values["filename"] and values["size"].isascii() and values["size"].isdigit()
    if not (sound and _MD5.match(values["md5sum"]) and _YYMM.match(values["yymm"])):
        raise UserError(f"{shown}: an entry without filename, size, md5sum or yymm: {values}")
    year, month = values["yymm"][:2], values["yymm"][2:]
    century = "19" if year >= "91" else "20"  # arXiv began in August 1991
    return Entry(values["filename"], int(values["size"]), values["md5sum"], f"{century}{year}-{month}")
