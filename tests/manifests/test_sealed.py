"""Values that a later run believes are sealed: whatever happens to their file is noticed."""

import pytest

from manifests.sealed import SEAL, sealed, unsealed

VALUES = {"name": "Blätter", "size": 7, "inside": [1, None, {"a": True}]}


def test_values_come_back_and_the_text_is_one_line_that_depends_on_them_alone() -> None:
    text = sealed(VALUES)
    assert unsealed(text) == VALUES
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert text == sealed(dict(reversed(VALUES.items())))


def test_every_flipped_bit_cut_and_added_byte_is_noticed() -> None:
    raw = sealed(VALUES).encode()
    damaged = [
        raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :] for place in range(len(raw)) for bit in range(8)
    ]
    damaged += [raw[:place] for place in range(len(raw))] + [raw + bytes([more]) for more in range(256)]
    for one in damaged:
        with pytest.raises((ValueError, AttributeError)):
            unsealed(one.decode())


def test_a_text_without_a_seal_is_believed_only_where_it_is_trusted() -> None:
    plain = '{"a":1}'
    with pytest.raises(ValueError, match="not those that were written"):
        unsealed(plain)
    assert unsealed(plain, trusted=True) == {"a": 1}
    assert SEAL not in unsealed(sealed(VALUES), trusted=True)


def test_names_of_any_bytes_can_be_sealed() -> None:
    values = {"path": b"r\xe9sum\xe9".decode("utf-8", "surrogateescape")}
    assert unsealed(sealed(values)) == values
