"""Which files an address stands for: in one order, under safe names, and a fraction that only ever grows."""

import gzip
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.fetching.batch import fetch_all
from pipelines.fetching.listing import expand, select
from pipelines.fetching.remote import RemoteFile
from tests.pipelines.fetching.hubs import source_archive
from tests.pipelines.fetching.servers import HASTY, Loopback, Served
from tests.pipelines.fetching.test_lists import MANIFEST

WARC = "crawl-data/CC-MAIN-2023-14/segments/1679296943471.24/warc/CC-MAIN-20230320083513-20230320113513-0000{}.warc.gz"
PATHS = [WARC.format(number) for number in range(9)]


def test_a_list_of_common_crawl_stands_for_files_below_its_host(server: Loopback) -> None:
    packed = gzip.compress("\n".join(reversed(PATHS)).encode())
    files = expand(server.on("/crawl-data/CC-MAIN-2023-14/warc.paths.gz", Served(packed)), patience=HASTY)
    assert [file.name for file in files] == PATHS
    assert files[0].address == f"{server.url}/{PATHS[0]}"
    assert files[0].secret is None


def test_the_lists_own_checksum_can_be_pinned(server: Loopback) -> None:
    url = server.on("/x.paths", Served(b"a\n"))
    with pytest.raises(UserError, match="the checksum differs"):
        expand(f"{url}#sha256={'0' * 64}", patience=HASTY)


def test_a_list_of_addresses_is_read_when_asked_to(server: Loopback) -> None:
    """As RedPajama's `urls.txt`."""
    lines = "https://data.example.org/v1/arxiv/a_1.jsonl\nhttps://data.example.org/v1/arxiv/a_2.jsonl?sig=planted\n"
    url = server.on("/urls.txt", Served(lines.encode()))
    assert [file.name for file in expand(url)] == ["urls.txt"]
    files = expand(url + "#list", patience=HASTY)
    assert [file.name for file in files] == ["v1/arxiv/a_1.jsonl", "v1/arxiv/a_2.jsonl"]
    assert files[1].address.endswith("?sig=***")
    assert files[1].secret is not None
    assert files[1].secret.reveal().endswith("?sig=planted")


def test_relative_lines_hang_on_the_base_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "my.paths").write_text("b\na\n")
    files = expand(f"{tmp_path}/my.paths#base=https://data.example.org/x")
    assert [file.address for file in files] == ["https://data.example.org/x/a", "https://data.example.org/x/b"]
    assert [file.address for file in expand(f"{tmp_path}/my.paths")] == [f"{tmp_path}/a", f"{tmp_path}/b"]


def test_a_list_from_the_network_cannot_name_files_of_this_machine(server: Loopback) -> None:
    url = server.on("/x.paths", Served(b"file:///etc/passwd\n"))
    with pytest.raises(UserError, match="cannot name /etc/passwd"):
        expand(url + "#base=file:///", patience=HASTY)
    files = expand(server.on("/y.paths", Served(b"../../etc/passwd\n")), patience=HASTY)
    assert files[0].address.startswith(server.url)
    assert files[0].name == "etc/passwd"


def test_a_manifest_on_this_machine_stands_for_the_tars_beside_it(tmp_path: Path) -> None:
    (tmp_path / "arXiv_src_manifest.xml").write_bytes(MANIFEST)
    files = expand(f"{tmp_path}/arXiv_src_manifest.xml#until=2023-04")
    assert [file.address for file in files] == [
        f"{tmp_path}/arXiv_src_0001_001.tar",
        f"{tmp_path}/arXiv_src_9108_001.tar",
    ]
    assert files[0].size == 225605507


def test_months_can_be_chosen_only_where_months_are_told() -> None:
    with pytest.raises(UserError, match="need a manifest that tells months"):
        expand("https://h/a.tar#from=2023-01")


def test_paths_of_this_machine_with_patterns(tmp_path: Path) -> None:
    for name in ("d/a.parquet", "d/e/b.parquet", "d/e/c.jsonl", "d/e/d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "d" / "link.parquet").symlink_to(tmp_path / "d" / "a.parquet")
    files = expand(f"{tmp_path}/d/**/*.{{parquet,jsonl}}")
    assert [file.name for file in files] == ["a.parquet", "e/b.parquet", "e/c.jsonl"]
    assert [file.size for file in files] == [11, 13, 11]
    assert files[0].local == tmp_path / "d/a.parquet"
    (folder,) = expand(str(tmp_path / "d"))
    assert folder.local == tmp_path / "d"
    assert expand(f"{tmp_path}/d/a.parquet")[0].name == "a.parquet"


def test_a_relative_path_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("x")
    for address in ("a.txt", "*.txt", "./*.txt", "./a.txt"):
        assert [file.name for file in expand(address)] == ["a.txt"]


@pytest.mark.parametrize("name", ["absent.txt", "*.absent", "absent/**"])
def test_a_path_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"no such file|no file fits") as caught:
        expand(f"{tmp_path}/{name}")
    assert f"{tmp_path}/{name}" in str(caught.value)


def test_two_files_of_one_name_are_told_apart_by_their_addresses(server: Loopback) -> None:
    lines = b"https://a.org/x/1.warc.gz\nhttps://b.org/x/1.warc.gz\nhttps://b.org/x/2.warc.gz\n"
    names = [file.name for file in expand(server.on("/l.paths", Served(lines)), patience=HASTY)]
    assert len(set(names)) == 3 and names[2] == "x/2.warc.gz"
    assert all(re.fullmatch(r"x/1~[0-9a-f]{8}\.warc\.gz", name) for name in names[:2])
    assert len(expand(server.on("/m.paths", Served(b"x\nx\n")), patience=HASTY)) == 1


def some(names: list[str]) -> list[RemoteFile]:
    return [RemoteFile(f"https://h/{name}", name) for name in sorted(names)]


@given(
    st.sets(st.text(max_size=5), min_size=1, max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 5),
)
def test_a_larger_fraction_holds_the_smaller(names: set[str], one: float, other: float, seed: int) -> None:
    small, large = sorted((one, other))
    files = some(list(names))
    chosen, more = select(files, small, seed), select(files, large, seed)
    assert set(chosen) <= set(more)
    assert bool(chosen) is (small > 0)
    assert chosen == [file for file in files if file in chosen]


def test_a_fraction_takes_about_its_share_and_depends_on_the_seed_alone() -> None:
    files = some([f"{number:05}" for number in range(20_000)])
    tenth = select(files, 0.1, seed=1)
    assert 1_850 < len(tenth) < 2_150
    assert tenth == select(files, 0.1, seed=1) != select(files, 0.1, seed=2)
    assert [file.name for file in tenth[:3]] == ["00003", "00009", "00022"]


def test_members_of_an_archive_on_the_web_are_named_after_the_address(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.tar.gz", Served(source_archive({"p/x.v": b"Qed."})))
    (file,) = expand(f"{url}!**/*.v", patience=HASTY)
    assert (file.address, file.members, file.secret) == (f"{url}!**/*.v", "**/*.v", None)
    (got,) = fetch_all([file], tmp_path / "raw")
    assert got.path.read_bytes() == b"Qed."


def test_a_fraction_is_a_number_from_0_to_1() -> None:
    with pytest.raises(UserError, match=r"expected a number from 0 to 1, found 1\.5"):
        expand("a", fraction=1.5)
