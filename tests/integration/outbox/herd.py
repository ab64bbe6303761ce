"""Keeps a number of worker processes at work, kills them at random and starts them again."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess

from tests.integration.outbox import doomed_worker

_GIVE_UP_SECONDS = 240
"""Only so that a broken worker ends in a message and not in a hanging run."""


@dataclass
class _Place:
    """One worker after another under one name."""

    name: str
    process: ForkServerProcess
    life: str
    dies_after: int
    deaths: Counter[str] = field(default_factory=Counter)


class Herd:
    """Worker processes that die often; `effects` counts what each life has done so far."""

    def __init__(
        self,
        url: str,
        letters: str,
        *,
        effects: Callable[[], Counter[str]],
        lifespan: tuple[int, int],
        seed: int,
        size: int = 3,
    ) -> None:
        """Start `size` workers; each life is killed after some of `lifespan` effects."""
        # Children come out of a clean process that has imported everything: a new life costs
        # milliseconds, and nothing of this process (connections, threads) is in it.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([doomed_worker.__name__])
        self._url, self._letters = url, letters
        self._effects = effects
        self._lifespan = lifespan
        self._chance = random.Random(seed)
        self._lives = 0
        self._places = [_Place(f"worker-{n}", *self._new_life(n)) for n in range(size)]

    def _new_life(self, number: int) -> tuple[ForkServerProcess, str, int]:
        self._lives += 1
        life = f"{number}.{self._lives}"
        process = self._context.Process(
            target=doomed_worker.work, args=(self._url, life, self._letters)
        )
        process.start()
        return process, life, self._chance.randint(*self._lifespan)

    def run(self, is_done: Callable[[], bool]) -> dict[str, Counter[str]]:
        """Kill and start again until `is_done`; return the deaths of each by kind.

        Ends the last lives with SIGTERM and asserts that they went in peace.
        """
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        try:
            while not is_done():
                assert time.monotonic() < deadline, "the workers did not get through the jobs"
                effects = self._effects()
                for number, place in enumerate(self._places):
                    self._tend(number, place, effects[place.life])
                time.sleep(0.05)
            for place in self._places:
                if place.process.is_alive():
                    place.process.terminate()
                place.process.join(60)
                assert place.process.exitcode in (0, -signal.SIGKILL)
        finally:
            for place in self._places:
                place.process.kill()
                place.process.join()
        return {place.name: place.deaths for place in self._places}

    def _tend(self, number: int, place: _Place, done: int) -> None:
        if place.process.is_alive():
            if done < place.dies_after:
                return
            place.process.kill()
            place.deaths["killed"] += 1
        else:
            place.deaths["by its own hand"] += 1
        place.process.join()
        assert place.process.exitcode == -signal.SIGKILL, "a worker broke instead of being killed"
        place.process, place.life, place.dies_after = self._new_life(number)
