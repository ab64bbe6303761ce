"""Reads and writes show-if rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from questionnaires.engine.conditions import AllOf, AnyOf, Condition, Not, Relation, Test
from questionnaires.engine.exact_numbers import exact_number, json_number
from questionnaires.engine.fields import MIXED_KEY, DocumentField, JsonSchema, Key, Word
from questionnaires.engine.limits import CONDITION_DEPTH, CONDITION_PARTS
from questionnaires.engine.sentences import Sentence as _

DEFINITION = "Condition"
_SHAPE = _(
    "Write one of these: “all” or “any” with a list of rules, “not” with one rule, or "
    "“question”, “is” and “value”."
)
_TEST_KEYS = {"question", "is", "value"}
_QUESTION = Key(MIXED_KEY, "Q-A.7.2-1")
_RELATION = Word(Relation)
_LONGEST_VALUE = 60


class ConditionField(DocumentField[Condition]):
    """A rule: a test, or rules joined by all, any and not."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Condition:
        return _read(value, 1)

    def _serialize(self, value: Condition | None, *_rest: Any, **_more: Any) -> Any:
        return None if value is None else _write(value)

    def json_schema(self) -> JsonSchema:
        """Return a reference to the rule's entry in $defs."""
        return {"$ref": f"#/$defs/{DEFINITION}"}


def condition_json_schema() -> JsonSchema:
    """Return the JSON Schema of a rule, which refers to itself."""
    itself = {"$ref": f"#/$defs/{DEFINITION}"}
    several = {"type": "array", "items": itself, "minItems": 1, "maxItems": CONDITION_PARTS}

    def only(key: str, schema: JsonSchema) -> JsonSchema:
        return {
            "type": "object",
            "properties": {key: schema},
            "required": [key],
            "additionalProperties": False,
        }

    test = {
        "type": "object",
        "properties": {
            "question": _QUESTION.json_schema(),
            "is": _RELATION.json_schema(),
            "value": {"type": ["string", "number"]},
        },
        "required": ["question", "is"],
        "additionalProperties": False,
    }
    return {"oneOf": [only("all", several), only("any", several), only("not", itself), test]}


def _read(value: Any, depth: int) -> Condition:
    if not isinstance(value, dict):
        raise ValidationError(_SHAPE)
    if depth > CONDITION_DEPTH:
        raise ValidationError(
            _("Nest rules at most %(depth)s deep: write this one flatter.", depth=CONDITION_DEPTH)
        )
    keys = set(value)
    if keys == {"all"}:
        return AllOf(_read_parts("all", value["all"], depth))
    if keys == {"any"}:
        return AnyOf(_read_parts("any", value["any"], depth))
    if keys == {"not"}:
        try:
            return Not(_read(value["not"], depth + 1))
        except ValidationError as error:
            raise ValidationError({"not": error.messages}) from None
    if {"question", "is"} <= keys <= _TEST_KEYS:
        return _read_test(value)
    raise ValidationError(_SHAPE)


def _read_parts(key: str, value: Any, depth: int) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= CONDITION_PARTS:
        raise ValidationError(
            {key: [_("Write a list of 1 to %(most)s rules here.", most=CONDITION_PARTS)]}
        )
    parts, errors = [], {}
    for place, part in enumerate(value):
        try:
            parts.append(_read(part, depth + 1))
        except ValidationError as error:
            errors[place] = error.messages
    if errors:
        raise ValidationError({key: errors})
    return tuple(parts)


def _read_test(value: dict[str, Any]) -> Test:
    errors: dict[str, Any] = {}
    read: dict[str, Any] = {}
    for key, field in (("question", _QUESTION), ("is", _RELATION)):
        try:
            read[key] = field.deserialize(value[key])
        except ValidationError as error:
            errors[key] = error.messages
    wanted = value.get("value")
    if read.get("is") is Relation.ANSWERED:
        if "value" in value:
            errors["value"] = [_("Take the value out: “answered” needs none.")]
    elif isinstance(wanted, bool) or wanted is None:
        errors["value"] = [
            _("Write the value here: an option's key, yes, partial or no in quotes, or a number.")
        ]
    elif isinstance(wanted, str):
        if not 1 <= len(wanted) <= _LONGEST_VALUE:
            errors["value"] = [_("Write an option's key, a number or a day such as 2026-12-03.")]
    else:
        wanted = exact_number(wanted)
        if wanted is None:
            errors["value"] = [_("Write an option's key, a number or a day such as 2026-12-03.")]
    if errors:
        raise ValidationError(errors)
    return Test(read["question"], read["is"], wanted)


def _write(condition: Condition) -> dict[str, Any]:
    match condition:
        case AllOf(parts):
            return {"all": [_write(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_write(part) for part in parts]}
        case Not(part):
            return {"not": _write(part)}
        case Test(question, relation, value):
            test: dict[str, Any] = {"question": question, "is": relation.value}
            if value is not None:
                test["value"] = json_number(value) if isinstance(value, Decimal) else value
            return test
