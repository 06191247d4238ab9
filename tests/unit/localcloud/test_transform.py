"""What a rule's target gets of an event."""

from __future__ import annotations

import json

import pytest

from localcloud.eventbridge.transform import TransformError, read

EVENT = {
    "id": "e-1",
    "data": {"names": ["a", "b"], "count": 2, "odd key": {"x": None}, "text": "Grüße"},
}
ORIGINAL = json.dumps(EVENT, indent=3)


@pytest.mark.parametrize(
    ("form", "value", "template", "expected"),
    [
        ("ORIGINAL", "", "", ORIGINAL),
        ("CONSTANT", "always ${this}", "", "always ${this}"),
        ("JSONPATH", "$.id", "", "e-1"),
        ("JSONPATH", "$.data.names", "", '["a", "b"]'),
        ("JSONPATH", "$.data.names[1]", "", "b"),
        ("JSONPATH", "$.data.count", "", "2"),
        ("JSONPATH", "$.data['odd key']", "", '{"x": null}'),
        ("JSONPATH", "$.data.missing.more", "", ""),
        ("JSONPATH", "$.data.names[7]", "", ""),
        ("TEMPLATE", '{"n": "$.data.count", "t": "$.data.text"}', "${t}, ${n}!", "Grüße, 2!"),
        ("TEMPLATE", '{"n": "$.data.count"}', "${unknown}-${n}", "-2"),
    ],
)
def test_a_form_gives_its_body(form: str, value: str, template: str, expected: str) -> None:
    assert read(form, value, template).of(ORIGINAL, EVENT) == expected


@pytest.mark.parametrize(
    ("form", "value", "sentence"),
    [
        ("JSON", "", "JSON is none of ORIGINAL"),
        ("JSONPATH", "data.id", "no path like"),
        ("JSONPATH", "$..id", "no path like"),
        ("TEMPLATE", "[]", "a JSON map"),
        ("TEMPLATE", '{"a": "x"}', "no path like"),
    ],
)
def test_what_is_no_transformation_is_refused(form: str, value: str, sentence: str) -> None:
    with pytest.raises(TransformError, match=sentence):
        read(form, value, "")
