"""Every step of the arithmetic as lines that a page or a print can show."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from questionnaires.engine.answers import Backing
from questionnaires.engine.inherent import Inherent
from questionnaires.engine.rollups import Contribution
from questionnaires.engine.rules import RuleSet
from questionnaires.engine.scoring import Score
from questionnaires.engine.sentences import Sentence as _


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its symbol, what it is, its exact value and how it was made ("" for an input)."""

    symbol: str
    label: str
    value: Fraction
    formula: str = ""


def explain_inherent(inherent: Inherent, rules: RuleSet) -> tuple[Line, ...]:
    """Return a line per factor, one per floor that lifted, and the number."""
    lines = [
        Line(
            f"v·a/4 {part.key}",
            _("Level %(level)s of 4", level=part.level)
            if part.answered
            else _("No answer yet: counts as level 4 of 4"),
            part.points,
            f"{part.percent} · {part.level} / 4",
        )
        for part in inherent.parts
    ]
    lines.append(Line("Σ", _("Sum of all factors"), inherent.total, "Σ v·a/4"))
    lines += [
        Line(floor.id, _("Floor: lifts to at least this number"),
             Fraction(rules.floor_of(floor.tier)))
        for floor in inherent.floors
        if floor.tier is not None
    ]  # fmt: skip
    lines.append(Line("I", _("Inherent risk"), inherent.number, "max(Σ, floors)"))
    return tuple(lines)


def explain_question(score: Score, entry: Contribution) -> tuple[Line, ...]:
    """Return how one question's cost came about."""
    term, rules = entry.term, score.rules
    weight = Line("w", _("Weight of the question"), Fraction(term.weight))
    if term.removed:
        return (weight, Line("ΔR", _("Does not apply: leaves the sums"), entry.points))
    lowest = rules.kappa[Backing.NONE]
    number, alpha = _text(score.inherent.number), _text(rules.alpha)
    return (
        Line("s", _answer_label(entry), term.s or Fraction(0)),
        weight,
        Line("W", _("Weight of all questions that apply"), Fraction(score.weight)),
        Line("κ", _backing_label(term.backing), entry.kappa),
        Line("f", _("Freshness of the evidence"), term.f),
        Line("a", _("Freshness of the answer"), term.a),
        Line(
            "c",
            _("Credit"),
            entry.credit,
            f"s · ({_text(lowest)} + (κ − {_text(lowest)}) · f) · a",
        ),
        Line(
            "ΔR",
            _("Points of risk that this question costs"),
            entry.points,
            f"{number} · {alpha} · (w / W) · (1 − c)",
        ),
    )


def explain_score(score: Score) -> tuple[Line, ...]:
    """Return how the whole result came about, from inherent risk to confidence."""
    span = score.span
    lines = [
        Line("I", _("Inherent risk"), score.inherent.number),
        Line("α", _("The most that answers can take away, as a share"), score.rules.alpha),
        Line("W", _("Weight of all questions that apply"), Fraction(score.weight)),
        Line("E", _("Effectiveness"), score.effectiveness, "Σ w·c / W"),
        Line("B", _("Base that no answer can take away"), score.base, "I · (1 − α)"),
    ]
    if score.unasked:
        lines.append(Line("N", _("Nothing was asked that counts"), score.unasked, "I · α"))
    lines.append(
        Line("R₀", _("Residual risk before gates"), score.before_gates, "I · (1 − α·E) = B + Σ ΔR")
    )
    if score.open_gates:
        lines.append(
            Line("G", _("Open gates: no credit for answers"), Fraction(len(score.open_gates)))
        )
    lines += [
        Line("R", _("Residual risk"), score.residual),
        Line("R⁻", _("If everything said is true"), span.claimed, "I · (1 − α · Σ w·s / W)"),
        Line("R⁺", _("If nothing is believed"), span.worst, "I"),
        Line("C", _("Confidence"), score.confidence, "100 · Σ w·g·a / W"),
    ]
    return tuple(lines)


def _answer_label(entry: Contribution) -> str:
    if entry.term.waiting:
        return _("The answer waits for a reviewer: counts 0 until then")
    return _("How good the answer is") if entry.term.answered else _("No answer: counts 0")


def _backing_label(backing: Backing) -> str:
    match backing:
        case Backing.NONE:
            return _("Backing: the supplier's word")
        case Backing.DOCUMENT:
            return _("Backing: a document of the supplier")
        case Backing.INDEPENDENT:
            return _("Backing: independent evidence")


def _text(value: Fraction) -> str:
    """Write a constant as people do where it ends after few digits: 0.6, else 1/3."""
    scaled = value * 10_000
    return f"{float(value):g}" if scaled.denominator == 1 else str(value)
