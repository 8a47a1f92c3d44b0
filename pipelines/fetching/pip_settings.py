"""Which package index this machine uses, read from where pip reads it: configuration files, then PIP_… variables.

Source of the order: pip's documentation, "Configuration": global files, the user's, the environment's own, the file
that PIP_CONFIG_FILE names, then variables; later ones win. `[global]` and `[download]` sections count.
"""

import configparser
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import UserError

SECTIONS = ("global", "download")


@dataclass(frozen=True)
class PipSettings:
    """`indexes` is empty where none is named: then the index that everybody uses is meant, unless `no_index`.

    `indexes` and `find_links` may hold passwords: they are kept out of every text, `repr` included.
    """

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    certificate: str | None
    trusted_hosts: tuple[str, ...]
    no_index: bool = False

    def __repr__(self) -> str:
        return f"PipSettings({len(self.indexes)} indexes, {len(self.find_links)} other places)"


def read_settings() -> PipSettings:
    """The settings in force now. Raises UserError for a configuration file that cannot be parsed."""
    values: dict[str, str] = {}
    for path in _files():
        values.update(_read(path))
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            values[name[4:].lower().replace("_", "-")] = value
    no_index = _is_true(values.get("no-index", ""))
    indexes = f"{values.get('index-url', '')} {values.get('extra-index-url', '')}".split()
    return PipSettings(
        () if no_index else tuple(_slash(index) for index in indexes),
        tuple(_place(link) for link in values.get("find-links", "").split() if _exists(link)),
        values.get("cert") or None,
        tuple(values.get("trusted-host", "").split()),
        no_index,
    )


def _files() -> Iterator[Path]:
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        return
    for folder in reversed(os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)):
        if folder:
            yield Path(folder) / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    if sys.platform == "darwin":
        yield Path("~/Library/Application Support/pip/pip.conf").expanduser()
    yield Path("~/.pip/pip.conf").expanduser()
    yield Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "pip" / "pip.conf"
    yield Path(sys.prefix) / "pip.conf"
    if named := os.environ.get("PIP_CONFIG_FILE"):
        yield Path(named).expanduser()


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        readable = True
    except configparser.Error:
        readable = False
    if not readable:
        raise UserError(f"{path}: pip's configuration cannot be parsed")
    found: dict[str, str] = {}
    for section in SECTIONS:
        if parser.has_section(section):
            found |= {key.lower().replace("_", "-"): value for key, value in parser.items(section)}
    return found


def _is_true(value: str) -> bool:
    return value.strip().lower() in {"1", "true", "yes", "on", "y", "t"}


def _slash(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def _exists(link: str) -> bool:
    """pip passes over folders that are not there."""
    return "://" in link or Path(link).expanduser().exists()


def _place(link: str) -> str:
    return link if "://" in link else str(Path(link).expanduser().resolve())
