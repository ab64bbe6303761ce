"""A score as a record of bytes: inputs, rule set and result. Replaying gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from app.kernel.errors import DomainError
from questionnaires.engine.answers import Backing
from questionnaires.engine.definition import ControlRef
from questionnaires.engine.inherent import Factor, Inherent, inherent_risk
from questionnaires.engine.rollups import Group
from questionnaires.engine.rules import RULE_SETS, RuleSet
from questionnaires.engine.rules_document import canonical_rules
from questionnaires.engine.scoring import Score, score_terms
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.terms import Term

FORMAT = "assay-score/1"
# Fraction itself would also take exponents, and with them numbers that fill the memory.
_FRACTION = re.compile(r"\d{1,400}(/\d{1,400})?")


class ReplayRefused(DomainError):
    """The record cannot be replayed: no record, or its rule set is not here as it was."""

    code = "replay_refused"


def record_of(score: Score) -> bytes:
    """Return the record of a score: canonical JSON, the same for the same inputs and rules."""
    return json.dumps(
        {
            "format": FORMAT,
            "rules": {"id": score.rules.id, "sha256": _fingerprint(score.rules)},
            "inputs": {
                "factors": [
                    {
                        "key": part.key,
                        "percent": part.percent,
                        "level": part.level if part.answered else None,
                        "stops": part.stops,
                    }
                    for part in score.inherent.parts
                ],
                "terms": [_term_json(entry.term) for entry in score.contributions],
            },
            "result": result_json(score),
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def replay(record: bytes, rules: RuleSet | None = None) -> bytes:
    """Work a record out again from its inputs and return the new record.

    It equals the old one when nothing was changed in it. Raises ReplayRefused.
    """
    try:
        data = json.loads(record)
        inputs, named = data["inputs"], data["rules"]
        rules = rules or RULE_SETS.get(named["id"])
        if data["format"] != FORMAT:
            raise KeyError(data["format"])
        factors = [Factor(**factor) for factor in inputs["factors"]]
        terms = [_term(term) for term in inputs["terms"]]
        if rules is not None and _fingerprint(rules) == named["sha256"]:
            return record_of(score_terms(inherent_risk(factors, rules), terms, rules))
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError, RecursionError):
        raise ReplayRefused(_("This is no record of a score: choose the file anew.")) from None
    raise ReplayRefused(
        _(
            "The record was made with rule set %(id)s, which is not here as it was then.",
            id=str(named["id"])[:60],
        )
    )


def result_json(score: Score) -> dict[str, Any]:
    """Return the result as JSON data; fractions are written as "221/4"."""
    span, route = score.span, score.route
    return {
        "inherent": _inherent_json(score.inherent),
        "weight": score.weight,
        "weight_removed": score.weight_removed,
        "effectiveness": str(score.effectiveness),
        "effectiveness_claimed": str(score.effectiveness_claimed),
        "base": str(score.base),
        "unasked": str(score.unasked),
        "before_gates": str(score.before_gates),
        "residual": str(score.residual),
        "tier": score.tier.value,
        "confidence": str(score.confidence),
        "confidence_band": score.confidence_band.value,
        "span": {
            "claimed": str(span.claimed),
            "credited": str(span.credited),
            "worst": str(span.worst),
        },
        "open_gates": list(score.open_gates),
        "weak_critical": list(score.weak_critical),
        "waiting": list(score.waiting),
        "reasons": [reason.value for reason in score.reasons],
        "blocks_approval": score.blocks_approval,
        "approver": route.approver.value if route else None,
        "contributions": {
            entry.key: {"credit": str(entry.credit), "points": str(entry.points)}
            for entry in score.contributions
        },
        "by_section": _groups_json(score.by_section),
        "by_risk_source": _groups_json(score.by_risk_source),
        "by_objective": _groups_json(score.by_objective),
        "by_control": {name: _groups_json(score.by_control(name)) for name in score.frameworks},
    }


def _inherent_json(inherent: Inherent) -> dict[str, Any]:
    return {
        "total": str(inherent.total),
        "number": str(inherent.number),
        "tier": inherent.tier.value if inherent.tier else None,
        "provisional": inherent.provisional,
        "stop": inherent.stop,
        "floors": [
            {"id": floor.id, "tier": floor.tier and floor.tier.value, "raised": floor.raised}
            for floor in inherent.floors
        ],
        "parts": {part.key: str(part.points) for part in inherent.parts},
    }


def _groups_json(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [
        {
            "name": group.name,
            "points": str(group.points),
            "weight": str(group.weight),
            "effectiveness": str(group.effectiveness),
        }
        for group in groups
    ]


def _fingerprint(rules: RuleSet) -> str:
    return hashlib.sha256(canonical_rules(rules)).hexdigest()


def _term_json(term: Term) -> dict[str, Any]:
    return {
        "key": term.key,
        "section": term.section,
        "weight": term.weight,
        "s": None if term.s is None else str(term.s),
        "answered": term.answered,
        "waiting": term.waiting,
        "backing": term.backing.value,
        "f": str(term.f),
        "a": str(term.a),
        "critical": term.critical,
        "gate_open": term.gate_open,
        "removed": term.removed,
        "controls": [[ref.framework, ref.control] for ref in term.controls],
        "risk_sources": list(term.risk_sources),
        "objectives": list(term.objectives),
    }


def _term(data: dict[str, Any]) -> Term:
    return Term(
        **{
            **data,
            "s": None if data["s"] is None else _fraction(data["s"]),
            "backing": Backing(data["backing"]),
            "f": _fraction(data["f"]),
            "a": _fraction(data["a"]),
            "controls": tuple(
                ControlRef(framework=framework, control=control)
                for framework, control in data["controls"]
            ),
            "risk_sources": tuple(data["risk_sources"]),
            "objectives": tuple(data["objectives"]),
        }
    )


def _fraction(text: str) -> Fraction:
    if not _FRACTION.fullmatch(text):
        raise ValueError(text[:40])
    return Fraction(text)
