"""Every move of a file's scan state, and who may have it."""

import pytest

from app.files.lifecycle import RELEASED, TRANSITIONS, ScanAction, ScanState
from app.kernel.errors import Conflict

_UNSCANNED, _PENDING, _CLEAN, _QUARANTINED = ScanState
_PASS, _FIND, _HOLD, _RELEASE = ScanAction


def test_the_table_is_exactly_this() -> None:
    assert set(TRANSITIONS.rows()) == {
        (_PENDING, _PASS, _CLEAN),
        (_PENDING, _FIND, _QUARANTINED),
        (_UNSCANNED, _HOLD, _QUARANTINED),
        (_PENDING, _HOLD, _QUARANTINED),
        (_CLEAN, _HOLD, _QUARANTINED),
        (_QUARANTINED, _RELEASE, _CLEAN),
    }


def test_nothing_leaves_pending_or_quarantine_without_being_told() -> None:
    assert {_UNSCANNED, _CLEAN} == RELEASED
    for state, action in ((_QUARANTINED, _PASS), (_UNSCANNED, _RELEASE), (_PENDING, _RELEASE)):
        with pytest.raises(Conflict):
            TRANSITIONS.after(state, action)
