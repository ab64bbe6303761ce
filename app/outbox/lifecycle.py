"""States of a job and the moves between them. Pure."""

from __future__ import annotations

import enum

from app.kernel.transitions import Transitions


class JobState(enum.StrEnum):
    """Where a job stands. Done and cancelled are final; parked waits for a person."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


class JobAction(enum.StrEnum):
    """What happens to a job: by a worker (first five) or by a person (last two)."""

    CLAIM = "claim"
    FINISH = "finish"
    PUT_BACK = "put_back"
    PARK = "park"
    STOP = "stop"
    RETRY = "retry"
    CANCEL = "cancel"


FINAL = frozenset({JobState.DONE, JobState.CANCELLED})

_READY, _RUNNING, _DONE, _PARKED, _CANCELLED = JobState

TRANSITIONS: Transitions[JobState, JobAction] = Transitions(
    "job",
    {
        (_READY, JobAction.CLAIM): _RUNNING,
        # The lease ran out: the worker died or hangs, another one takes over.
        (_RUNNING, JobAction.CLAIM): _RUNNING,
        (_RUNNING, JobAction.FINISH): _DONE,
        (_RUNNING, JobAction.PUT_BACK): _READY,
        (_RUNNING, JobAction.PARK): _PARKED,
        (_RUNNING, JobAction.STOP): _CANCELLED,
        # A job that waits for its next attempt can be told to try now.
        (_READY, JobAction.RETRY): _READY,
        (_PARKED, JobAction.RETRY): _READY,
        (_READY, JobAction.CANCEL): _CANCELLED,
        (_PARKED, JobAction.CANCEL): _CANCELLED,
        # A running job is asked to stop; its worker makes the last move.
        (_RUNNING, JobAction.CANCEL): _RUNNING,
    },
)
