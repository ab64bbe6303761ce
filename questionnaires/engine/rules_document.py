"""Reads and writes a rule set as JSON data, and checks that its constants fit together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError

from questionnaires.engine.answers import Backing
from questionnaires.engine.definition import LEVELS
from questionnaires.engine.document_errors import DocumentError, DocumentErrors, flatten
from questionnaires.engine.document_limits import check_limits
from questionnaires.engine.fields import (
    LOWER_KEY,
    MIXED_KEY,
    DocumentField,
    Flag,
    JsonSchema,
    Key,
    Listed,
    Mapped,
    Whole,
    Word,
)
from questionnaires.engine.rules import (
    RULES_FORMAT,
    TIERS,
    Approver,
    EvidenceRule,
    FloorRule,
    FloorTest,
    Route,
    RuleSet,
    Tier,
    TierRule,
)
from questionnaires.engine.schema_base import DocumentSchema, Part, shared
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.vocabulary import Weight

_FRACTION = re.compile(r"(\d{1,9})(?:/([1-9]\d{0,8}))?")
_MOST_RULES = 100
_MOST_MONTHS = 240


class ShareField(DocumentField[Fraction]):
    """An exact share from 0 to 1, written as "3/4"."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Fraction:
        match = _FRACTION.fullmatch(value) if isinstance(value, str) else None
        share = Fraction(int(match[1]), int(match[2] or 1)) if match else None
        if share is None or share > 1:
            raise ValidationError(_("Write a share from 0 to 1 as a fraction, such as “3/4”."))
        return share

    def _serialize(self, value: Fraction | None, *_rest: Any, **_more: Any) -> str | None:
        return None if value is None else str(value)

    def json_schema(self) -> JsonSchema:
        """Return the pattern of a fraction."""
        return {"type": "string", "pattern": f"^{_FRACTION.pattern}$"}


class TierRuleSchema(DocumentSchema):
    """One tier."""

    made = TierRule

    tier = Word(Tier, required=True)
    up_to = Whole(1, 100, required=True)
    floor = Whole(0, 100, required=True)


class FloorTestSchema(DocumentSchema):
    """One test of a floor."""

    made = FloorTest

    question = Key(MIXED_KEY, "I-13", required=True)
    at_least = Whole(1, LEVELS - 1, required=True)


class FloorRuleSchema(DocumentSchema):
    """One floor."""

    made = FloorRule

    id = Key(MIXED_KEY, "F2", required=True)
    when = Listed(Part(FloorTestSchema), _MOST_RULES)
    on_stop = Flag()
    on_unanswered = Flag()
    raise_to = Word(Tier)
    provisional = Flag()
    stop = Flag()


class EvidenceRuleSchema(DocumentSchema):
    """One kind of evidence."""

    made = EvidenceRule

    kind = Key(LOWER_KEY, "policy", required=True)
    months = Whole(1, _MOST_MONTHS)
    until_replaced = Flag()
    version_bound = Flag()
    at_most = Word(Backing)


class RouteSchema(DocumentSchema):
    """One cell of the matrix."""

    made = Route

    inherent = Word(Tier, required=True)
    residual = Word(Tier, required=True)
    approver = Word(Approver, required=True)
    conditions = Flag()
    treatment_plan = Flag()
    by_gate = Flag()
    exceptional = Flag()


class RuleSetSchema(DocumentSchema):
    """All constants."""

    made = RuleSet

    id = Key(LOWER_KEY, "2026.1", required=True)
    alpha = ShareField(required=True)
    weights = Mapped(Key(LOWER_KEY, "critical"), Whole(1, 1_000), 10, required=True)
    kappa = Mapped(Key(LOWER_KEY, "document"), ShareField(), 10, required=True)
    confidence = Mapped(Key(LOWER_KEY, "document"), ShareField(), 10, required=True)
    confidence_medium_from = Whole(0, 100, required=True)
    confidence_high_from = Whole(0, 100, required=True)
    tiers = Listed(Part(TierRuleSchema), len(TIERS), exactly=len(TIERS), required=True)
    floors = Listed(Part(FloorRuleSchema), _MOST_RULES, required=True)
    gates_for_second_floor = Whole(2, 100, required=True)
    one_gate_tier = Word(Tier, required=True)
    more_gates_tier = Word(Tier, required=True)
    not_applicable_warning = ShareField(required=True)
    weak_credit = ShareField(required=True)
    minor_change_limit = ShareField(required=True)
    evidence = Listed(Part(EvidenceRuleSchema), _MOST_RULES, required=True)
    review_months = Mapped(Key(LOWER_KEY, "high"), Whole(1, _MOST_MONTHS), 10, required=True)
    matrix = Listed(Part(RouteSchema), len(TIERS) ** 2, required=True)


def parse_rules(data: Any) -> RuleSet:
    """Return the rule set that plain data describes. Raises DocumentErrors."""
    check_limits(data)
    if data.get("format") != RULES_FORMAT:
        sentence = _("Write “%(format)s” here.", format=RULES_FORMAT)
        raise DocumentErrors([DocumentError("format", sentence)])
    try:
        rules: RuleSet = shared(RuleSetSchema).load(
            {key: value for key, value in data.items() if key != "format"}
        )
    except ValidationError as error:
        raise DocumentErrors(list(flatten(error.messages))) from None
    errors = [*_errors(rules)]
    if errors:
        raise DocumentErrors(errors)
    return rules


def serialise_rules(rules: RuleSet) -> dict[str, Any]:
    """Return a rule set as plain data."""
    return {"format": RULES_FORMAT, **shared(RuleSetSchema).dump(rules)}


def canonical_rules(rules: RuleSet) -> bytes:
    """Return the one way to write this rule set."""
    return json.dumps(serialise_rules(rules), sort_keys=True, separators=(",", ":")).encode()


def _errors(rules: RuleSet) -> Iterator[DocumentError]:
    scored = {weight.value for weight in Weight if weight is not Weight.NONE}
    for name, keys in (
        ("weights", scored),
        ("kappa", set(Backing)),
        ("confidence", set(Backing)),
        ("review_months", set(Tier)),
    ):
        if set(getattr(rules, name)) != keys:
            known = ", ".join(sorted(keys))
            yield DocumentError(name, _("Write a value for each of: %(known)s.", known=known))
    for name in ("kappa", "confidence"):
        shares = [getattr(rules, name).get(backing.value, Fraction(0)) for backing in Backing]
        if shares != sorted(shares):
            yield DocumentError(
                name, _("Better backing must not count less: none, document, independent.")
            )
    if rules.confidence_medium_from > rules.confidence_high_from:
        yield DocumentError(
            "confidence_medium_from", _("Medium confidence begins below high confidence.")
        )
    yield from _tier_errors(rules)
    for place, floor in enumerate(rules.floors):
        if not (floor.when or floor.on_stop or floor.on_unanswered):
            yield DocumentError(f"floors[{place}]", _("Say when this floor acts."))
    if not rules.evidence:
        yield DocumentError(
            "evidence", _("Add a kind of evidence; the last stands for all others.")
        )
    cells = [(route.inherent, route.residual) for route in rules.matrix]
    if len(set(cells)) != len(cells):
        yield DocumentError("matrix", _("A cell stands here twice: take one of them out."))


def _tier_errors(rules: RuleSet) -> Iterator[DocumentError]:
    if tuple(rule.tier for rule in rules.tiers) != TIERS or rules.tiers[-1].up_to != 100:
        yield DocumentError("tiers", _("List low, moderate, high and critical, up to 100."))
        return
    lowest = 0
    for place, rule in enumerate(rules.tiers):
        if not lowest <= rule.floor <= rule.up_to:
            yield DocumentError(
                f"tiers[{place}]", _("The floor of a tier lies inside it, and tiers go upwards.")
            )
        lowest = rule.up_to + 1
