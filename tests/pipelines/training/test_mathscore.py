"""`train-mathscore` from pages to model: labels, split, training, judgement, card, and its promises."""

import gzip
import hashlib
import json
import random
import re
from pathlib import Path

import pytest

from filters.mathscore import MathScorer
from pipelines.commands.train_mathscore import main
from pipelines.training.judgement import Scored, kinds_table
from pipelines.training.labelled import LabelledSet
from pipelines.training.pages import Page

MATH = re.findall(
    r"\w+", "theorem proof group ring field lemma subgroup kernel homomorphism ideal prime module vector space basis"
)
OTHER = re.findall(
    r"\w+", "server install package click menu button kitchen weather train ticket holiday music guitar recipe"
)
COMMON = re.findall(r"\w+", "the of a to and is in for we that this with by it as on be are an from which not can has")


def text(words: list[str], seed: int, formula: str = "") -> str:
    chance = random.Random(seed)
    drawn = [chance.choice(words) if chance.random() < 0.3 else chance.choice(COMMON) for _ in range(80)]
    return " ".join(drawn) + (f" ${formula}$." if formula else ".")


def corpus(folder: Path, shuffle: int = 0) -> Path:
    """400 documents as JSON lines: half of them mathematics, with a command."""
    rows = [{"id": f"m{n}", "text": text(MATH, n, r"\frac{1}{2}")} for n in range(200)]
    rows += [{"id": f"o{n}", "text": text(OTHER, n + 1000)} for n in range(200)]
    random.Random(shuffle).shuffle(rows)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    known = folder / "known"
    known.mkdir()
    (known / "math.jsonl").write_text("".join(json.dumps({"text": text(MATH, n)}) + "\n" for n in range(5000, 5020)))
    (known / "other.jsonl").write_text("".join(json.dumps({"text": text(OTHER, n)}) + "\n" for n in range(6000, 6020)))
    arguments = ["--input", str(corpus(folder / "pages")), "--output", str(folder / "model"), "--quiet"]
    arguments += ["--about-math", f"told={known}/math.jsonl", "--not-math", f"not={known}/other.jsonl"]
    assert main(arguments) == 0
    return folder / "model"


def test_finds_a_page_about_mathematics_without_latex(trained: Path) -> None:
    scorer = MathScorer(trained / "mathscore.bin")
    assert float(scorer.score(text(MATH, 99_999))["math_score"]) > 0.8
    assert float(scorer.score(text(OTHER, 99_998))["math_score"]) < 0.17


def test_the_label_cannot_be_read_from_the_features(trained: Path) -> None:
    scorer = MathScorer(trained / "mathscore.bin")
    words = text(OTHER, 99_997)
    assert scorer.score(words) == scorer.score(words + r" $\frac{1}{2}$") == scorer.score(words + r" \frac \alpha")


def test_the_same_pages_in_another_order_and_other_files_give_the_same_model(trained: Path, tmp_path: Path) -> None:
    rows = (corpus(tmp_path / "pages", shuffle=7) / "documents.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "pages" / "documents.jsonl").unlink()
    (tmp_path / "pages" / "a.jsonl").write_text("".join(rows[:123]))
    (tmp_path / "pages" / "b.jsonl").write_text("".join(rows[100:]))
    assert main(["--input", str(tmp_path / "pages"), "--output", str(tmp_path / "model"), "--quiet"]) == 0
    assert (tmp_path / "model" / "mathscore.bin").read_bytes() == (trained / "mathscore.bin").read_bytes()


def test_the_sha256_is_that_of_the_model(trained: Path) -> None:
    digest = hashlib.sha256((trained / "mathscore.bin").read_bytes()).hexdigest()
    assert (trained / "mathscore.bin.sha256").read_text() == f"{digest}  mathscore.bin\n"
    assert digest in (trained / "README.md").read_text()


def test_the_judgement_tells_counts_tables_and_thresholds(trained: Path) -> None:
    told = json.loads((trained / "judgement.json").read_text())
    pages = told["pages"]
    assert pages["read"] == 400
    held = pages["held_back_positive"] + pages["held_back_negative"]
    assert 0 < held < 100
    assert sum(row["pages"] for row in told["calibration"]) == held
    assert {row["threshold"] for row in told["held_back"]} >= {0.17, 0.5, 0.8}
    assert 0 <= told["thresholds"]["without_formulas_above"] <= 1
    assert told["known"]["told"]["kept"]["0.5"] == 1.0
    assert told["known"]["not"]["kept"]["0.5"] == 0.0


def test_the_card_names_no_path_of_this_machine_but_the_inputs_given(trained: Path) -> None:
    card = (trained / "README.md").read_text()
    assert "## Thresholds" in card
    assert "## Calibration" in card
    assert "| told | yes | 20 |" in card
    assert "| not | no | 20 |" in card


def test_too_few_pages_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "few.jsonl").write_text(json.dumps({"text": text(MATH, 1, r"\alpha")}) + "\n")
    assert main(["--input", str(tmp_path / "few.jsonl"), "--output", str(tmp_path / "m"), "--quiet"]) == 2
    assert "only 1 pages with LaTeX (of 1 pages read, 0 too short); expected 50" in capsys.readouterr().err
    assert not (tmp_path / "m" / "mathscore.bin").exists()


def test_an_empty_crawl_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.warc").write_bytes(b"")
    assert main(["--input", str(tmp_path / "*.warc"), "--output", str(tmp_path / "m"), "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "only 0 pages with LaTeX (of 0 pages read, 0 too short)" in error


def test_a_crawl_is_learned_from_and_judged_by_site(tmp_path: Path) -> None:
    def record(site: str, number: int, words: str) -> bytes:
        body = f"<html><body><article><p>{words}</p></article></body></html>".encode()
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://{site}/{number}\r\n"
        head += f"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{site}-{number}>\r\n"
        head += f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
        return gzip.compress(head.encode() + block + b"\r\n\r\n")

    (tmp_path / "crawl").mkdir()
    for name, words, formula in (("m", MATH, r" \(\frac{1}{2}\)"), ("o", OTHER, "")):
        pages = [record(f"{name}{n % 4}.example.org", n, text(words, n) + formula) for n in range(80)]
        (tmp_path / "crawl" / f"{name}.warc.gz").write_bytes(b"".join(pages))
    arguments = ["--input", str(tmp_path / "crawl" / "*.warc.gz"), "--output", str(tmp_path / "m"), "--quiet"]
    assert main(arguments) == 0
    told = json.loads((tmp_path / "m" / "judgement.json").read_text())
    assert told["pages"]["read"] == 160
    assert sorted(site[0] for site in told["works_held_back"]) == ["m", "o"]


def test_a_mistake_in_the_recipe_names_file_and_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.yaml").write_text("inputs: [a]\ndimensions: 3\n")
    assert main([str(tmp_path / "r.yaml"), "--output", str(tmp_path / "m")]) == 2
    assert "r.yaml: dimensions: unknown key; did you mean `dimension`?" in capsys.readouterr().err


def test_nothing_to_learn_from_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--output", str(tmp_path / "m")]) == 2
    assert "nothing to learn from" in capsys.readouterr().err


def pages(label: str, count: int, seed: int) -> list[Page]:
    formula = r"\alpha" if label == "positive" else ""
    return [Page(f"{label}{n}", text(MATH + OTHER, seed + n, formula)) for n in range(count)]


def test_the_larger_class_is_cut_and_a_group_gives_no_more_than_its_share(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add(pages("positive", 40, 0), "a")
        labelled.add(pages("negative", 300, 1000), "a")
        labelled.add(pages("negative", 300, 5000), "b")
        learn, back, _ = labelled.split(0.1, most=100, balance=3, unit="page")
    positives = sum(place.positive for place in learn)
    assert sum(not place.positive for place in learn) == 3 * positives
    assert sum(place.group == "b" for place in [*learn, *back]) <= 100
    assert not {place.key for place in learn} & {place.key for place in back}


def test_works_of_mathematics_can_leave_out_their_pages_without_latex(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add([*pages("positive", 5, 0), *pages("negative", 7, 100)], "a", negatives=False)
        assert (labelled.count(True), labelled.count(False), labelled.left_out) == (5, 0, 7)


def test_works_with_much_latex_give_no_negatives(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add([*pages("positive", 20, 0), *pages("negative", 40, 100)], "manual of a program for algebra")
        labelled.add([*pages("positive", 2, 500), *pages("negative", 60, 600)], "manual of a web server")
        learn, back, _ = labelled.split(0.1, most=100, balance=9, unit="page")
    negatives = [place.group for place in [*learn, *back] if not place.positive]
    assert set(negatives) == {"manual of a web server"}
    assert labelled.doubtful == 40


def test_pages_of_the_only_work_are_negatives_all_the_same(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add([*pages("positive", 60, 0), *pages("negative", 60, 100)], "all there is")
        learn, back, _ = labelled.split(0.1, most=100, balance=9, unit="page")
    assert sum(not place.positive for place in [*learn, *back]) == 60


def test_precision_is_told_by_kind_of_page() -> None:
    scored = [Scored(0.9, True, "web"), Scored(0.8, False, "web"), Scored(0.1, True, "notebook")]
    table = kinds_table(scored, [0.5])
    assert "| notebook | 1 | 1 | 0.000 / 0.000 |" in table
    assert "| web | 2 | 1 | 0.500 / 1.000 |" in table


def test_equal_lines_count_once_and_latex_in_one_of_them_decides(tmp_path: Path) -> None:
    words = text(OTHER, 1)
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add([Page("a", words), Page("b", words + r" $\alpha$"), Page("c", words.upper())])
        assert (labelled.count(True), labelled.count(False), labelled.repeated) == (1, 0, 2)


def test_whole_works_are_held_back(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        for number in range(20):
            label = "positive" if number % 2 else "negative"
            labelled.add(pages(label, 30, 1000 * number), f"work-{number}")
        learn, back, works = labelled.split(0.2, most=1000, balance=10)
    assert {place.group for place in back} == works
    assert not works & {place.group for place in learn}
    assert sum(place.positive for place in back) == sum(not place.positive for place in back) == 60  # a fifth of each


def test_a_work_that_is_most_of_the_pages_is_never_held_back(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add(pages("positive", 200, 0), "large")
        labelled.add(pages("negative", 200, 1000), "other")
        assert labelled.split(0.1, most=1000, balance=10).works == frozenset()
        for number in range(8):
            labelled.add(pages("positive", 10, 2000 + 100 * number), f"small-{number}")
            labelled.add(pages("negative", 10, 5000 + 100 * number), f"small-other-{number}")
        split = labelled.split(0.1, most=1000, balance=10)
    assert len(split.works) == 6
    assert not split.works & {"large", "other"}
    assert len(split.back) == 60


def test_the_works_held_back_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f"https://m{n % 8}.example.org/{n}", text(MATH, n, r"\frac{1}{2}")) for n in range(160)]
    rows += [(f"https://o{n % 8}.example.org/{n}", text(OTHER, n + 1000)) for n in range(160)]
    lines = "".join(json.dumps({"id": url, "url": url, "text": words}) + "\n" for url, words in rows)
    (tmp_path / "documents.jsonl").write_text(lines)
    assert main(["--input", str(tmp_path / "documents.jsonl"), "--output", str(tmp_path / "m")]) == 0
    told = json.loads((tmp_path / "m" / "judgement.json").read_text())["works_held_back"]
    assert told == sorted(told)
    assert {name[0] for name in told} == {"m", "o"}
    assert len(told) == 2
    assert (
        f"Nothing was learned from these works: {', '.join(f'`{name}`' for name in told)}."
        in (tmp_path / "m" / "README.md").read_text()
    )
    assert "40 pages of 2 works never learned from" in capsys.readouterr().out


def test_too_few_works_are_told_and_pages_held_back(trained: Path) -> None:
    assert json.loads((trained / "judgement.json").read_text())["works_held_back"] == []
    assert "They come from the same works as the pages learned from" in (trained / "README.md").read_text()


def test_snippets_are_runs_of_the_page_and_always_the_same(tmp_path: Path) -> None:
    with LabelledSet(tmp_path / "lines") as labelled:
        labelled.add(pages("positive", 3, 0))
        learn, back, _ = labelled.split(0.5, 10, 10, "page")
        places = [*learn, *back]
        examples = list(labelled.examples(places, snippets=4))
        assert examples == list(labelled.examples(places, snippets=4))
        whole = [example.line for example in labelled.examples(places)]
    assert len(examples) == 3 * (1 + 80 // 40)
    for number, example in enumerate(examples):
        page = whole[number // 3]
        assert f" {example.line} " in f" {page} "
        assert example.positive
        assert number % 3 == 0 or 12 <= example.line.count(" ") + 1 < 80
