"""How long to try and how long to wait: limits of one transfer, exponential back-off, the Retry-After header."""

import datetime
import email.utils
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from manifests.errors import Fault
from pipelines.fetching.remote import TryAgain

Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """Times are seconds. A try that gained bytes sets the count of failed tries back, up to `most_tries` in all.

    A server that nobody finds or that refuses every connection from the first is asked `unreachable_tries` times:
    without a network an error should come soon.

    The whole head of an answer must be there within `read` seconds of the request: a server that sends a byte now
    and then, or one `100 Continue` after another, never lets the wait for the next byte run out.

    A connection that brings fewer than `least_bytes` within `stall` seconds is given up and tried anew.
    """

    tries: int = 8
    unreachable_tries: int = 4
    most_tries: int = 200
    first_wait: float = 1.0
    longest_wait: float = 120.0
    longest_requested_wait: float = 900.0
    connect: float = 20.0
    read: float = 60.0
    stall: float = 60.0
    least_bytes: int = 16_384
    redirects: int = 10


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Seconds that a Retry-After header asks to wait: a number, or a date (RFC 9110, section 10.2.3); else None."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return max(0.0, moment.timestamp() - (time.time() if now is None else now))


class Tries:
    """Counts failed tries of one transfer and waits between them."""

    def __init__(self, what: str, patience: Patience, sleep: Callable[[float], None] = time.sleep) -> None:
        self.what = what
        self.patience = patience
        self._sleep = sleep
        self._in_a_row = 0
        self._in_all = 0
        self._reached = False

    def failed(self, again: TryAgain, *, gained: bool = False) -> None:
        """Note a failed try and wait; raises Fault once patience has run out, or if a wait is too long to sit out."""
        self._count(gained)
        hopeless = again.unreachable and not self._reached
        tries = min(self.patience.tries, self.patience.unreachable_tries if hopeless else self.patience.tries)
        if self._in_a_row >= tries or self._in_all >= self.patience.most_tries:
            raise Fault(f"{self.what}: {again.reason} (given up after {self._in_all} tries)")
        if again.wait is not None and again.wait > self.patience.longest_requested_wait:
            raise Fault(f"{self.what}: {again.reason}; the server asks to come back in {again.wait:.0f} seconds")
        self._sleep(self._wait(again.wait))

    def _count(self, gained: bool) -> None:
        self._reached = self._reached or gained
        self._in_a_row = 1 if gained else self._in_a_row + 1
        self._in_all += 1

    def _wait(self, requested: float | None) -> float:
        limit = min(self.patience.longest_wait, self.patience.first_wait * 2.0 ** (self._in_a_row - 1))
        # Many workers that failed together must not come back together.
        own = limit * random.uniform(0.5, 1.0)  # noqa: S311 - not for secrecy
        return own if requested is None else max(requested, own)


def patiently(what: str, patience: Patience, action: Callable[[], Result]) -> Result:
    """The result of `action`, called again while it raises TryAgain. Raises Fault when patience has run out."""
    tries = Tries(what, patience)
    while True:
        try:
            return action()
        except TryAgain as error:
            again = error
        tries.failed(again)
