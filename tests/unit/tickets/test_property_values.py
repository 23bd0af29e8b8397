"""Values of properties against their types (S66)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Refused
from chalicelib.model.ticket_property import PropertyType, PropertyValue, TicketProperty
from chalicelib.tickets.property_values import fits, merged

CHOICES = ("billing", "shipping", "true")


def of(kind: PropertyType) -> TicketProperty:
    choices = CHOICES if kind.has_choices else ()
    return TicketProperty("acc_a", f"tpr_{kind.value}", kind.value.title(), kind, choices, "2026-03-02T08:00:00.000Z")


KNOWN = {each.id: each for each in map(of, PropertyType)}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "", True),
        ("text", "x" * 1000, True),
        ("text", "x" * 1001, False),
        ("text", 3, False),
        ("number", 3, True),
        ("number", -2.5, True),
        ("number", True, False),
        ("number", "3", False),
        ("number", math.inf, False),
        ("number", math.nan, False),
        ("number", 10**400, False),
        ("number", 10**15, True),
        ("number", 10**15 + 1, False),
        ("date", "2026-02-28", True),
        ("date", "2024-02-29", True),
        ("date", "2026-02-29", False),
        ("date", "2026-2-8", False),
        ("date", "20260228", False),
        ("date", "2026-02-28T10:00:00Z", False),
        ("date", "２０２６-02-28", False),
        ("boolean", False, True),
        ("boolean", 0, False),
        ("boolean", "true", False),
        ("one_of", "billing", True),
        ("one_of", "Billing", False),
        ("one_of", ("billing",), False),
        ("one_of", True, False),
        ("several_of", (), True),
        ("several_of", ("shipping", "billing"), True),
        ("several_of", ("billing", "billing"), False),
        ("several_of", ("billing", "other"), False),
        ("several_of", "billing", False),
    ],
)
def test_S66_what_fits(kind: str, value: PropertyValue, expected: bool) -> None:
    assert fits(of(PropertyType(kind)), value) is expected


@pytest.mark.parametrize(
    ("before", "wanted", "expected"),
    [
        ({}, {"tpr_text": "a"}, {"tpr_text": "a"}),
        ({"tpr_text": "a"}, {"tpr_text": None}, {}),
        ({"tpr_text": "a"}, {"tpr_number": 1}, {"tpr_text": "a", "tpr_number": 1}),
        ({}, {"tpr_gone": None}, {}),
        ({"tpr_gone": "a"}, {"tpr_gone": None}, {}),
        ({"tpr_gone": "a"}, {"tpr_gone": "a"}, {"tpr_gone": "a"}),
        ({"tpr_one_of": "was a choice"}, {"tpr_one_of": "was a choice"}, {"tpr_one_of": "was a choice"}),
        ({}, {"tpr_gone": "a"}, "no_such_property"),
        ({"tpr_gone": "a"}, {"tpr_gone": "b"}, "no_such_property"),
        ({"tpr_one_of": "was a choice"}, {"tpr_one_of": "was another"}, "value_does_not_fit"),
        ({"tpr_number": 1}, {"tpr_number": True}, "value_does_not_fit"),
    ],
)
def test_S66_a_patch_of_values(
    before: dict[str, PropertyValue], wanted: dict[str, PropertyValue | None], expected: object
) -> None:
    if not isinstance(expected, str):
        assert merged(before, wanted, KNOWN, "/properties") == expected
        return
    with pytest.raises(Refused) as refused:
        merged(before, wanted, KNOWN, "/properties")
    assert refused.value.code == expected
    assert refused.value.pointer == f"/properties/{next(iter(wanted))}"


VALUES = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.sampled_from(CHOICES)).map(tuple),
    st.dates().map(str),
)


@given(st.sampled_from(list(PropertyType)), VALUES)
def test_S66_no_value_fits_two_kinds_that_read_it_differently(kind: PropertyType, value: PropertyValue) -> None:
    """What fits is of one of JSON's kinds, and the property says which."""
    if fits(of(kind), value):
        shown: dict[str, tuple[type, ...]] = {"number": (int, float), "boolean": (bool,), "several_of": (tuple,)}
        assert isinstance(value, shown.get(kind.value, (str,)))
        assert isinstance(value, bool) == (kind is PropertyType.BOOLEAN)
