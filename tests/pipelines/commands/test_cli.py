"""The command line as its user meets it: mistakes end with one clear line and the right exit code."""

import contextlib
import http.server
import io
import json
import os
import resource
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.packaged import packaged
from pipelines.commands.cli import main

GOOD = """\
name: toy
sources:
  - name: toy
    kind: tests.pipelines.sources.toy_source:ToySource
    inputs: [input]
"""
ROOT = Path(__file__).parents[3]


def proofpile(*arguments: str | Path, file_limit: int | None = None) -> tuple[int, str, str]:
    """Run a command in this process; returns exit code, output and errors. A limit on file sizes needs its own."""
    words = [str(argument) for argument in arguments]
    if file_limit is not None:
        return in_a_process(words, file_limit)
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), error.getvalue()


def in_a_process(words: list[str], file_limit: int) -> tuple[int, str, str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    command = [sys.executable, "-m", "pipelines.commands.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, preexec_fn=limit, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "a.txt").write_text("one line\nno thanks\n")
    return tmp_path


def build(folder: Path, recipe: str, *more: str, file_limit: int | None = None) -> tuple[int, str, str]:
    (folder / "recipe.yaml").write_text(recipe)
    output = folder / "out"
    return proofpile("build", folder / "recipe.yaml", "--output", output, "--quiet", *more, file_limit=file_limit)


def one_line(error: str) -> str:
    lines = error.strip().splitlines()
    assert "Traceback" not in error
    assert len(lines) == 1, error
    return lines[0]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (GOOD + "sorces: []\n", "recipe.yaml:6: sorces: unknown key; did you mean `sources`?"),
        (GOOD + "fraction: much\n", "recipe.yaml:6: fraction: "),
        (GOOD + "rules: strict\n", "recipe.yaml:6: rules: input should be 'published' or 'corrected', found 'strict'"),
        (GOOD.replace("    inputs: [input]\n", ""), "recipe.yaml:3: sources.0.inputs: this key is missing"),
        (GOOD.replace("[input]", "[nowhere]"), "sources.toy.inputs.0: "),
        (GOOD.replace("tests.pipelines.sources.toy_source:ToySource", "webb"), "sources.toy.kind: unknown kind `webb`"),
        (GOOD + "    options: {depth: 3}\n", "sources.toy.options: depth: unknown key"),
        (GOOD + "    scores: [language]\n", "sources.0.scores: no score is called `language`"),
        (GOOD.replace("[input]", "[{from: input/a.txt, sha256: '" + "0" * 64 + "'}]"), "expected " + "0" * 64),
        (GOOD + "seed: 1\nseed: 2\n", "recipe.yaml:7: seed: this key stands in line 6 already"),
        (GOOD + "    weight: 1\n    weight: 2\n", "recipe.yaml:7: weight: this key stands in line 6 already"),
        (GOOD + "limits: {unit_mb: .inf}\n", "recipe.yaml:6: limits.unit_mb: input should be less than or equal to"),
        (GOOD + "limits: {memory_mb: 99999999999999}\n", "recipe.yaml:6: limits.memory_mb: input should be less than"),
        (GOOD + "    weight: .inf\n", "recipe.yaml:6: sources.0.weight: input should be less than or equal to 1000"),
        ("name: a\nsources: []\n", "recipe.yaml:2: sources: expected a list of at least one entry"),
        ("name: a\nsources: toy\n", "recipe.yaml:2: sources: expected a list, found 'toy'"),
        ("name: [", "recipe.yaml:1: not valid YAML"),
        ("just text", "recipe.yaml: expected a mapping"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
    ],
)
def test_a_mistake_in_a_recipe_is_one_line_and_exit_code_2(folder: Path, recipe: str, expected: str) -> None:
    code, _, error = build(folder, recipe)
    assert (code, expected in one_line(error)) == (2, True), error
    assert not list((folder / "out").rglob("*.parquet"))


def test_input_of_another_kind_altogether_is_a_fault_not_an_empty_corpus(folder: Path) -> None:
    (folder / "input" / "a.txt").write_text("boom\n")
    code, _, error = build(folder, GOOD)
    assert (code, "every record of `toy` failed (1)" in one_line(error)) == (1, True), error


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("shards: {tokenizer: a}\n", "recipe.yaml:7: shards.tokenizer: "),
        ("overlap: {benchmarks: {mine: {asset: a}}}\n", "recipe.yaml:7: overlap.benchmarks.mine: "),
    ],
)
def test_an_asset_of_another_kind_is_found_out_before_the_work(folder: Path, section: str, expected: str) -> None:
    code, _, error = build(folder, GOOD + "assets: {a: {from: input/a.txt}}\n" + section)
    assert (code, expected in one_line(error)) == (2, True), error
    assert not (folder / "out" / "documents").exists()


def test_a_source_without_one_record_and_a_threshold_on_no_score_are_spoken_of(folder: Path) -> None:
    with tarfile.open(folder / "input" / "b.tar.gz", "w:gz"):
        pass  # an archive without a file
    recipe = GOOD + "    filters: [{score: lenght, above: 3}]\n  - {name: two, kind: code, inputs: [input/b.tar.gz]}\n"
    (folder / "recipe.yaml").write_text(recipe.replace("[input]", "[input/a.txt]"))
    code, _, error = proofpile("build", folder / "recipe.yaml", "--output", folder / "out")
    assert code == 0, error
    assert "extract: not one record in the files of `two`" in error
    assert "filter: no document of `toy` has the score `lenght` that a threshold names; scores: length" in error


def test_a_folder_is_no_asset(folder: Path) -> None:
    code, _, error = build(folder, GOOD + "assets: {model: {from: input}}\n")
    assert (code, "assets.model: " in one_line(error), "is a folder, expected a file" in error) == (2, True, True)


def test_a_pipe_is_no_input_and_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "input" / "pipe.txt")
    code, _, error = build(folder, GOOD.replace("[input]", "[input/pipe.txt]"))
    assert (code, "pipe.txt: is a pipe or a device, expected a file" in one_line(error)) == (2, True), error


class _Nothing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Nothing) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_an_address_that_answers_404_is_the_users_mistake(folder: Path, server: str) -> None:
    code, _, error = build(folder, GOOD.replace("[input]", f"['{server}/gone.txt']"))
    assert code == 2
    assert f"sources.toy.inputs.0: {server}/gone.txt" in one_line(error)
    assert "404" in error
    assert not list((folder / "out" / "raw").rglob("gone.txt"))


def test_a_server_that_is_not_there_is_a_fault_that_names_the_key(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers and nobody else can
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/a.txt"
        code, _, error = build(folder, GOOD.replace("[input]", f"['{address}']"))
    assert code == 1
    assert f"recipe.yaml: sources.toy.inputs.0: {address}: connection refused" in one_line(error)


@pytest.mark.parametrize("place", ["input/a.txt/out", "x" * 300, "/proc/out"])
def test_a_place_where_no_folder_can_be_is_the_users_mistake(folder: Path, place: str) -> None:
    (folder / "recipe.yaml").write_text(GOOD)
    code, _, error = proofpile("build", folder / "recipe.yaml", "--output", folder / place)
    assert (code, f"{place}: cannot be made: " in one_line(error)) == (2, True), error


@pytest.mark.parametrize("place", ["input/a.txt", "input/a.txt/cache", "/proc/cache"])
def test_a_cache_that_cannot_be_used_is_the_users_mistake(folder: Path, place: str) -> None:
    code, _, error = build(folder, GOOD, "--cache", str(folder / place))
    assert (code, f"argument --cache: {folder / place}: " in one_line(error)) == (2, True), error
    assert not (folder / "out").exists()


@pytest.mark.parametrize("place", ["s3://bucket/cache", "s3:/bucket/cache", "file:///cache"])
def test_what_must_be_a_folder_of_this_machine_is_no_address(
    folder: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, _, error = build(folder, GOOD, "--cache", place)
    assert (code, f"{place}: expected a folder of this machine" in one_line(error)) == (2, True), error
    assert not list(folder.glob("*:*"))


def test_a_fraction_of_the_files_is_drawn_by_the_seed(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    for number in range(20):
        (tmp_path / "pages" / f"{number}.html").write_text(f"<html><body><p>Page {number}</p></body></html>")

    def drawn(output: str, seed: int) -> list[str]:
        arguments = ["extract", "--source", "web", "--input", tmp_path / "pages", "--output", tmp_path / output]
        arguments += ["--option", "prefilter=off", "--fraction", "0.3", "--seed", str(seed), "--quiet"]
        code, _, error = proofpile(*arguments)
        assert code == 0, error
        ledger = json.loads((tmp_path / output / "ledger" / "fetch" / "web.json").read_text())
        return sorted(item["name"] for item in ledger["inputs"])

    first = drawn("a", 1)
    assert 0 < len(first) < 20
    assert drawn("b", 1) == first
    assert drawn("c", 2) != first


def test_a_full_disk_is_a_fault_that_names_the_file(folder: Path) -> None:
    (folder / "input" / "a.txt").write_text("\n".join(f"line {number} {number**9}" for number in range(20000)))
    code, _, error = build(folder, GOOD, file_limit=100_000)
    assert code == 1
    assert "disk is full" in one_line(error)
    assert not list((folder / "out" / "documents").rglob("*.parquet"))
    assert build(folder, GOOD)[0] == 0


def test_a_mistake_that_is_put_right_needs_no_other_output_folder(tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl").write_text(
        '{"id": "a", "text": "seven apples and two pears are nine pieces of fruit"}\n'
    )
    (tmp_path / "other.jsonl").write_text('{"colour": "red"}\n')
    (tmp_path / "items.jsonl").write_text('{"problem": "How many pieces of fruit are seven apples and two pears?"}\n')
    words = ["audit", "--input", tmp_path / "texts.jsonl", "--output", tmp_path / "out", "--benchmark"]
    code, _, error = proofpile(*words, f"fruit={tmp_path / 'other.jsonl'}")
    assert (code, "none of the columns colour is known" in one_line(error)) == (2, True)
    assert proofpile(*words, f"fruit={tmp_path / 'items.jsonl'}")[0] == 0


def test_an_output_folder_of_another_recipe_is_refused_unless_asked_for(folder: Path) -> None:
    assert build(folder, GOOD)[0] == 0
    code, _, error = build(folder, GOOD + "seed: 3\n")
    assert code == 2
    assert "built from another recipe" in error and "+seed: 3" in error
    assert build(folder, GOOD + "seed: 3\n", "--accept-changes")[0] == 0


def test_a_folder_in_which_nothing_was_done_takes_the_mended_recipe(folder: Path) -> None:
    code, _, error = build(folder, GOOD.replace("[input]", "[nowhere]"))
    assert code == 2, error
    code, _, error = build(folder, GOOD)
    assert code == 0, error


def test_a_folder_that_is_no_corpus_is_left_alone(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.tex").write_text("mine")
    code, _, error = build(folder, GOOD)
    assert (code, "not empty and not a corpus" in one_line(error)) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["build"], "the following arguments are required: RECIPE"),
        (["build", "nothing.yaml", "--output", "x"], "nothing.yaml: no such recipe"),
        (["build", "manifests/sample.yaml", "--output", "x", "--worker", "2"], "unknown argument --worker"),
        (["build", "manifests/sample.yaml", "--output", "x", "--runner", "DaskRunner"], "silently loses"),
        (["build", "manifests/sample.yaml", "--output", "x", "--runner", "NixRunner"], "no such runner"),
        (["build", "manifests/sample.yaml", "--output", "x", "--workers", "0"], "--workers 0: expected"),
        (
            ["build", "manifests/sample.yaml", "--output", "x", "--workers", "9" * 20],
            "expected a whole number from 1 to",
        ),
        (
            ["audit", "--input", "a", "--benchmark", "b=c", "--output", "x", "--exact", "1"],
            "exact: expected n from 2 to",
        ),
        (
            ["audit", "--input", "a", "--benchmark", "b=c", "--output", "x", "--exact", "9" * 20],
            "exact: expected n from",
        ),
        (["verify", "tests"], "tests: not a corpus"),
        (["inspect", "tests"], "tests: not a corpus"),
        (
            ["extract", "--source", "gopher", "--input", "a", "--output", "x"],
            "extract: --source: unknown kind `gopher`",
        ),
        (["extract", "--source", "web", "--input", "no such folder", "--output", "x"], "extract: --input: "),
        (["dedup", "--input", "a", "--output", "x", "--threshold", "7"], "dedup: --threshold: input should be"),
        (["build", "manifests/sample.yaml", "--output", "x", "--runner", "NixRunner", "--dry-run"], "no such runner"),
        (["nonsense"], "proofpile: nonsense: no such command; see proofpile --help"),
        (["bild"], "proofpile: bild: no such command; did you mean `build`?"),
    ],
)
def test_wrong_arguments_end_with_one_line_and_exit_code_2(arguments: list[str], expected: str, tmp_path: Path) -> None:
    arguments = [str(tmp_path / "x") if word == "x" else word for word in arguments]
    code, _, error = proofpile(*arguments)
    assert (code, expected in one_line(error)) == (2, True), error
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "command",
    ["build", "fetch", "extract", "dedup", "audit", "shard", "report", "verify", "inspect", "train-mathscore"],
)
def test_every_command_has_help_with_examples(command: str) -> None:
    code, out, _ = proofpile(command, "--help")
    assert code == 0
    assert f"  proofpile {command} " in out.split("examples:")[1]


def test_a_build_ends_with_a_summary_and_inspect_and_verify_agree_with_it(folder: Path) -> None:
    (folder / "recipe.yaml").write_text(GOOD)
    code, _, told = proofpile("build", folder / "recipe.yaml", "--output", folder / "out")
    assert code == 0
    assert "toy" in told and "planted 1" in told and "report.html" in told
    code, out, _ = proofpile("verify", folder / "out")
    assert (code, "are sound" in out) == (0, True)
    code, out, _ = proofpile("inspect", folder / "out", "--text")
    assert (code, "one line" in out) == (0, True)
    code, out, _ = proofpile("inspect", folder / "out", "rejected", "--reason", "planted")
    assert (code, "no thanks: turned away" in out) == (0, True)


@pytest.mark.parametrize("name", ["report.html", "recipe.yaml"])
def test_verify_names_a_page_at_the_top_that_was_changed_or_lost_until_it_is_made_again(
    folder: Path, name: str
) -> None:
    assert build(folder, GOOD)[0] == 0
    path = folder / "out" / name
    before = path.read_text()
    path.write_text(before + "\n")
    code, out, _ = proofpile("verify", folder / "out")
    assert (code, f"changed    {name}" in out) == (1, True), out
    path.unlink()
    code, out, _ = proofpile("verify", folder / "out")
    assert (code, f"missing    {name}" in out) == (1, True), out
    if name == "report.html":
        assert proofpile("report", folder / "out")[0] == 0
        assert proofpile("verify", folder / "out")[0] == 0


def test_the_report_of_a_corpus_whose_documents_are_gone_points_to_verify(folder: Path) -> None:
    assert build(folder, GOOD)[0] == 0
    for path in (folder / "out" / "documents").rglob("*.parquet"):
        path.unlink()
    code, _, error = proofpile("report", folder / "out")
    assert (code, "see proofpile verify" in one_line(error)) == (1, True), error


def test_the_plan_of_every_recipe_that_is_shipped_prints(tmp_path: Path) -> None:
    for path in packaged():
        code, out, error = proofpile("build", path, "--output", tmp_path / "none", "--dry-run")
        assert code == 0, error
        assert "fetch" in out and "shard" in out
    assert not (tmp_path / "none").exists()


def test_a_plan_for_a_place_that_the_build_would_refuse_is_refused(tmp_path: Path) -> None:
    file, foreign = tmp_path / "file", tmp_path / "foreign"
    file.touch()
    foreign.mkdir()
    (foreign / "letters.txt").touch()
    for place, reason in ((file, "a file; expected a folder"), (foreign, "not empty and not a corpus")):
        code, out, error = proofpile("build", "sample", "--output", place, "--dry-run")
        assert (code, out, reason in one_line(error)) == (2, "", True), error


@pytest.mark.parametrize("mode", ["threads", "processes"])
def test_a_quiet_build_with_several_workers_says_nothing(folder: Path, mode: str) -> None:
    (folder / "recipe.yaml").write_text(GOOD)
    words = ["build", folder / "recipe.yaml", "--output", folder / "out", "--quiet", "--workers", "2", "--mode", mode]
    command = [sys.executable, "-m", "pipelines.commands.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("", "")
