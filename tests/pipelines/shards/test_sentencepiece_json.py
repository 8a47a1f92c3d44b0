"""A SentencePiece model in the form that other programs open gives the same ids and the same text again."""

import pytest
import sentencepiece
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.shards.sentencepiece_json import as_json
from pipelines.shards.sentencepiece_model import NORMAL, USER_DEFINED, parse_model
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces

pytestmark = pytest.mark.kernel

PIECES = small_pieces(["▁the", "▁th", "he", "▁t", "th", "ab", "abab", "ba", "▁▁", "▁▁▁▁", "a▁b", "é", "中文"])
TEXTS = st.text(alphabet=st.sampled_from("the ab\n12é中文x²\u200b🦙"), max_size=40)


@pytest.fixture(scope="module", params=[1, 0])
def pair(request):
    data = model_bytes(PIECES, normalizer={3: request.param})
    text = as_json(parse_model(data))
    assert text is not None
    return sentencepiece.SentencePieceProcessor(model_proto=data), tokenizers.Tokenizer.from_str(text)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_any_text_gets_the_ids_of_the_model(pair, text: str) -> None:
    model, written = pair
    ids = written.encode(text).ids
    assert ids == model.encode(text)
    assert written.decode(ids) == model.decode(ids)


def test_marks_are_special_and_have_their_ids(pair) -> None:
    model, written = pair
    assert [written.token_to_id(name) for name in ("<unk>", "<s>", "</s>")] == [0, 1, 2]
    assert written.decode([1, *model.encode("the"), 2]) == model.decode(model.encode("the"))


def test_a_model_that_has_no_such_form_is_told() -> None:
    assert as_json(parse_model(model_bytes(PIECES, trainer={3: 1}))) is None
    assert as_json(parse_model(model_bytes([*PIECES, ("QQ", 0.0, USER_DEFINED)]))) is None
    assert as_json(parse_model(model_bytes([("▁", 0.0, NORMAL)]))) is None
