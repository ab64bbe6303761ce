"""The intake: factors, floors and stops."""

from __future__ import annotations

import pytest

from questionnaires.engine.answers import Answer, NotApplicable
from questionnaires.engine.explanation import explain_inherent
from questionnaires.engine.inherent import Factor, factors_of, inherent_risk
from questionnaires.engine.rules import RULES_2026_1 as RULES
from questionnaires.engine.values import ChoiceValue, LevelValue
from tests.unit.questionnaires.engine.documents import parsed

FLOORS: list[tuple[dict[str, int], list[str], int, bool]] = [
    ({"I-13": 4}, ["F2"], 51, False),
    ({"I-01": 4, "I-11": 3}, ["F3"], 51, False),
    ({"I-01": 4, "I-11": 2}, [], 0, False),
    ({"I-01": 4, "I-11": 3, "I-02": 4}, ["F3"], 76, False),
    ({"I-06": 3, "I-09": 3}, ["F4"], 51, False),
    ({"I-10": 4, "I-16": 4}, ["F5"], 76, False),
    ({"I-05": 4, "I-02": 3}, ["F6"], 51, False),
    ({"I-15": 4}, ["F7"], 26, True),
]


@pytest.mark.parametrize(("levels", "floors", "number", "provisional"), FLOORS)
def test_floors_lift_what_a_sum_would_hide(
    levels: dict[str, int], floors: list[str], number: int, provisional: bool
) -> None:
    keys = ("I-01", "I-02", "I-05", "I-06", "I-09", "I-10", "I-11", "I-13", "I-15", "I-16")
    factors = [Factor(key, 1, levels.get(key, 0)) for key in keys]
    inherent = inherent_risk(factors, RULES)
    assert [floor.id for floor in inherent.floors] == floors
    assert inherent.number == max(number, inherent.total)
    assert inherent.lift == inherent.number - inherent.total
    assert inherent.provisional is provisional
    assert all(floor.raised for floor in inherent.floors)


def test_an_intake_gives_its_factors() -> None:
    options = [{"key": f"l{n}", "text": f"Level {n}", "level": n} for n in (0, 2, 4)]
    stop = {"key": "never", "text": "Forbidden", "stop": True}
    questions = [
        {"key": "I-01", "type": "single", "text": "a", "factor": 60, "options": options},
        {"key": "I-02", "type": "single", "text": "b", "factor": 40, "options": options},
        {"key": "I-03", "type": "single", "text": "c", "options": [*options, stop]},
        {"key": "I-04", "type": "maturity", "text": "d"},
    ]
    questionnaire = parsed(*questions, purpose="intake", audience="organisation")
    answers = {
        "I-01": Answer(value=ChoiceValue("l2")),
        "I-02": Answer(not_applicable=NotApplicable(reason="x", accepted=True)),
        "I-03": Answer(value=ChoiceValue("l4")),
        "I-04": Answer(value=LevelValue(4)),
    }
    factors = factors_of(questionnaire, answers)
    assert factors == (Factor("I-01", 60, 2), Factor("I-02", 40, None))
    inherent = inherent_risk(factors, RULES)
    assert (inherent.total, inherent.provisional) == (70, True)
    stopped = {**answers, "I-03": Answer(value=ChoiceValue("never"))}
    ended = inherent_risk(factors_of(questionnaire, stopped), RULES)
    assert (ended.stop, ended.tier) == ("F1", None)


def test_the_intake_is_explained() -> None:
    inherent = inherent_risk([Factor("I-13", 7, 4), Factor("I-01", 93, None)], RULES)
    lines = explain_inherent(inherent, RULES)
    assert [line.symbol for line in lines] == ["v·a/4 I-01", "v·a/4 I-13", "Σ", "F2", "I"]
    assert lines[0].label == "No answer yet: counts as level 4 of 4"
    assert lines[-1].value == inherent.number == 100
