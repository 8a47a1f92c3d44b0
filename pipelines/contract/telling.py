"""How a trial of a user's class tells its parent what it does and finds: one JSON object a line on a pipe.

Before each call into the class it says what it is about to do (`at`), so that the parent knows what was under way when
the process ended or never came back; then come `mistake` (a line for the author), `outcome` (what became of a record,
as a digest) and at the end `done`.
"""

import faulthandler
import hashlib
import inspect
import json
from typing import Any, TextIO

from manifests.user_classes import place_in, place_of
from pipelines.contract.loading import load

MOST_MISTAKES = 20


class Told(Exception):
    """A mistake after which the trial cannot go on."""


class Trial:
    """A class under trial, and the pipe on which the trial tells of it.

    `watch` is a file that gets the calls under way when one of them takes longer than `seconds`.
    """

    def __init__(self, name: str, pipe: TextIO, records: int, watch: TextIO | None = None, seconds: float = 60) -> None:
        self.pipe = pipe
        self.most = records
        self.watch = watch
        self.seconds = seconds
        self.mistakes = 0
        self.part, self.cls = load(name)
        self.file = inspect.getsourcefile(self.cls)

    def tell(self, **message: Any) -> None:
        """One message to the parent, at once."""
        self.pipe.write(json.dumps(message) + "\n")
        self.pipe.flush()

    def at(self, method: str, record: str) -> None:
        """Say what is about to be called, and let the clock begin anew."""
        self.tell(at=[method, record])
        if self.watch is not None:
            faulthandler.dump_traceback_later(self.seconds, file=self.watch)

    def mistake(self, place: str, words: str, record: str = "") -> None:
        """Tell of a mistake; a class that makes many is known well enough."""
        self.mistakes += 1
        self.tell(mistake=[f"{place}: {words}", record])
        if self.mistakes >= MOST_MISTAKES:
            raise Told

    def raised(self, error: BaseException, method: str, record: str) -> None:
        """Tell of an exception with the line of the user's file that it came through."""
        function = getattr(self.cls, method, self.cls)
        place = place_in(error, self.file) or place_of(function)
        words = " ".join(f"{type(error).__name__}: {error}".split())
        self.mistake(place, f"{words[:300]} (in `{self.cls.__name__}.{method}`)", record)

    def at_method(self, method: str, words: str, record: str = "") -> None:
        """Tell of a mistake that a whole method makes."""
        self.mistake(place_of(getattr(self.cls, method)), f"`{self.cls.__name__}.{method}` {words}", record)

    def outcome(self, record: str, kind: str, value: Any) -> None:
        """Tell what became of a record, by a digest of it."""
        digest = hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()
        self.tell(outcome=[record, kind, digest])
