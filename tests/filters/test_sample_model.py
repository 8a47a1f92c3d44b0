"""The math score that comes with the program: what its card says it is, and that it tells prose of mathematics."""

import hashlib
from pathlib import Path

import pytest

import manifests
from filters.mathscore import MathScorer

MODELS = Path(manifests.__file__).parent / "models"
MODEL = MODELS / "mathscore.bin"

ABOUT_MATHEMATICS = (
    """Let G be a finite group and let H be a subgroup of G. Then the order of H divides the order of G. The proof is
    by counting cosets: the left cosets of H partition G, and each of them has as many elements as H itself.""",
    """The matrix is diagonalizable if and only if its minimal polynomial is a product of distinct linear factors over
    the field. In particular every symmetric real matrix has an orthogonal basis of eigenvectors.""",
    """The estimator is consistent: as the sample size grows, its distribution concentrates around the true parameter,
    and by the central limit theorem it is asymptotically normal with the covariance matrix given above.""",
)
ABOUT_OTHER_THINGS = (
    """To install the package, open a terminal and run the command shown above. The server restarts by itself and
    writes its log to the usual place; if the connection is refused, check the firewall and the name of the host.""",
    """The city council met on Tuesday evening to hear from residents about the new bus line. Several shop owners said
    that they feared for their customers, while others welcomed the plan and asked for more benches and trees.""",
)


def test_the_model_is_the_one_its_card_and_its_checksum_name() -> None:
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert (MODELS / "mathscore.bin.sha256").read_text() == f"{digest}  mathscore.bin\n"
    assert digest in (MODELS / "mathscore.md").read_text()


def test_the_model_is_small() -> None:
    assert MODEL.stat().st_size < 450_000


@pytest.mark.parametrize("text", ABOUT_MATHEMATICS)
def test_prose_of_mathematics_without_any_latex_is_found(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) > 0.5


@pytest.mark.parametrize("text", ABOUT_OTHER_THINGS)
def test_other_prose_is_not(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) < 0.17
