"""When a job that did not work is tried again, and what is written down about why. Pure."""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from app.kernel.errors import DomainError

JsonObject = Mapping[str, object]

REASON_LENGTH = 300
_OWN_ROOMS = ("app", "questionnaires", "vendors")


class RetryLater(Exception):
    """Raised by a handler: not now, and `after` is the wait that the other side asked for.

    `reason` is one sentence that people may read. Counts as an attempt.
    """

    def __init__(self, reason: str, *, after: dt.timedelta) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class GiveUp(Exception):
    """Raised by a handler: trying again is of no use; the job is parked with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadyDone(Exception):
    """Raised by a prepare step: there is nothing (more) to do; the job is done."""

    def __init__(self, result: JsonObject | None = None) -> None:
        super().__init__("nothing left to do")
        self.result = result


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter.

    The wait after attempt n is a random part of base x 2^(n-1), never more than `cap`: jobs
    that stumbled together do not come back together. After `max_attempts` a job is parked.
    """

    max_attempts: int = 10
    base: dt.timedelta = dt.timedelta(seconds=5)
    cap: dt.timedelta = dt.timedelta(hours=1)

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.base < dt.timedelta(0) or self.cap < self.base:
            raise ValueError("a retry policy needs 1 attempt or more, and a cap above its base")

    def longest_wait(self, attempt: int) -> dt.timedelta:
        """Return the longest wait after attempt number `attempt` (1 is the first)."""
        if self.base >= self.cap:
            return self.cap
        doublings = min(attempt - 1, 60)
        seconds = self.base.total_seconds() * 2.0**doublings
        return dt.timedelta(seconds=min(seconds, self.cap.total_seconds()))

    def wait(self, attempt: int, chance: float) -> dt.timedelta:
        """Return the wait after an attempt; `chance` is drawn from 0 ≤ x < 1 by the caller."""
        return self.longest_wait(attempt) * chance


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, and what follows: another attempt at an instant, or (None) parked."""

    reason: str
    next_attempt_at: dt.datetime | None
    error: Exception

    @property
    def is_final(self) -> bool:
        """Return whether no further attempt follows by itself."""
        return self.next_attempt_at is None


def after_failure(
    policy: RetryPolicy, error: Exception, *, attempt: int, now: dt.datetime, chance: float
) -> Failure:
    """Return what follows from an error in attempt number `attempt`."""
    reason = reason_of(error)
    if isinstance(error, GiveUp) or attempt >= policy.max_attempts:
        return Failure(reason, None, error)
    if isinstance(error, RetryLater):
        return Failure(reason, now + max(error.after, dt.timedelta(0)), error)
    return Failure(reason, now + policy.wait(attempt, chance), error)


def reason_of(error: Exception) -> str:
    """Return one line for people: our own sentences as they are, of others only kind and place.

    The text of a foreign error may hold an address with a token, or a row's values.
    """
    if isinstance(error, RetryLater | GiveUp):
        text = error.reason
    elif isinstance(error, DomainError):
        text = error.message
    else:
        text = f"Stopped by {type(error).__name__}{_place(error)}"
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:REASON_LENGTH] or "No reason was given"


def _place(error: Exception) -> str:
    """Return where in our own code the error came from, as ` at app/mail/jobs.py:12`."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        parts = PurePath(frame.filename).parts
        rooms = [index for index, part in enumerate(parts) if part in _OWN_ROOMS]
        if rooms and "site-packages" not in parts:
            return f" at {'/'.join(parts[rooms[-1] :])}:{frame.lineno}"
    return ""
