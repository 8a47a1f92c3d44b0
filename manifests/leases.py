"""Who may write to a corpus in a bucket: one build alone, or many shares of a build beside each other.

A lease is an object that its owner renews by conditional replacement; it is taken by put-if-absent. One that nobody
renewed for a while, or whose process on this machine is gone, belongs to a process that died, and is taken over. A
build and the shares of another one tell each other by what they put first: each puts its own object and then looks
for the other's, so that of two that begin at once at least one sees the other.
"""

import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from manifests import machine
from manifests.errors import Fault, UserError
from manifests.store import Bucket
from manifests.writing import WORK_FOLDER

LOCK = f"{WORK_FOLDER}/lock"
SHARES = f"{WORK_FOLDER}/shares"
"""The folder in which every share that is at work has an object."""
RENEWAL_SECONDS = 5.0
LEASE_SECONDS = 20.0
"""A lease that nobody renewed for so long belongs to a build that died."""
SHARE_RENEWAL_SECONDS = 20.0
SHARE_LEASE_SECONDS = 80.0
"""The same for shares, of which there may be a thousand: a renewal is a request that costs money."""
LOOK_SECONDS = 0.5


@contextlib.contextmanager
def alone(store: Bucket) -> Iterator[Callable[[], None]]:
    """Hold the bucket for one build; the function raises Fault if it was lost. Raises UserError when another has it."""
    with leased(store, LOCK) as lost:
        _sure_of_conditions(store)
        _no_shares(store)

        def sure() -> None:
            if lost.is_set():
                raise Fault(f"{store.address}: another run took this place over while the store could not be reached")

        yield sure


@contextlib.contextmanager
def beside(store: Bucket) -> Iterator[None]:
    """Hold the bucket for one share of a build, beside others. Raises UserError while a build has it alone."""
    name = f"{SHARES}/{uuid.uuid4().hex}"
    with leased(store, name, renewal=SHARE_RENEWAL_SECONDS):
        held, own = store.head(LOCK), store.head(name)
        if held is not None and own is not None:
            found = store.get(LOCK)
            if found is not None and not _gone(_text(found[0])) and own.put - held.put <= LEASE_SECONDS:
                raise _taken_by_another(store)
            store.delete(LOCK)  # of a build that died; were it only slow, it will miss its lock
        yield


@contextlib.contextmanager
def leased(store: Bucket, name: str, *, waits: bool = False, renewal: float | None = None) -> Iterator[threading.Event]:
    """Hold the object `name`; the event tells that it was lost. Raises UserError when another holds it, or `waits`."""
    owner = f"{_machine()} {os.getpid()} {uuid.uuid4().hex}"
    tag = _take(store, name, owner, waits)
    ended, lost = threading.Event(), threading.Event()

    def renew() -> None:
        nonlocal tag
        count = 0
        while not ended.wait(RENEWAL_SECONDS if renewal is None else renewal):
            count += 1
            with contextlib.suppress(Fault):  # a store that is away for a while
                renewed = store.replace(name, f"{owner} {count}".encode(), tag)
                if renewed is None:
                    found = store.get(name)
                    if found is None or not _text(found[0]).startswith(owner):
                        lost.set()
                        return
                    renewed = found[1]
                tag = renewed

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()
        if not lost.is_set():
            with contextlib.suppress(Fault, UserError):
                store.delete(name)


def _sure_of_conditions(store: Bucket) -> None:
    """Raises UserError for a store that takes any put for one if absent, so that no lease would keep others out."""
    name = f"{LOCK}.tried"
    both = [store.put_new(name, uuid.uuid4().hex.encode()) for _ in range(2)]
    store.delete(name)
    if both[1] is not None:
        raise UserError(
            f"{store.address}: the store overlooks conditions of puts; expected one that heeds them, as S3 does"
        )


def _no_shares(store: Bucket) -> None:
    """Raises UserError while a share is at work; what dead ones left is removed."""
    own = store.head(LOCK)
    for name, share in store.list(SHARES).items():
        found = store.get(name)
        if found is None:
            continue
        if own is not None and own.put - share.put <= SHARE_LEASE_SECONDS and not _gone(_text(found[0])):
            raise UserError(
                f"{store.address}: a share of a build is writing to this place, or died less than "
                f"{SHARE_LEASE_SECONDS:g} s ago; wait for it or choose another --output"
            )
        store.delete(name)


def _machine() -> str:
    """This machine and its space of process numbers, so that two containers are told apart."""
    try:
        return f"{socket.gethostname()}/{machine.started()}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _take(store: Bucket, name: str, owner: str, waits: bool) -> str:
    """Take the lease; returns its tag."""
    since = time.monotonic()
    seen: tuple[bytes, str] | None = None
    while True:
        tag = store.put_new(name, owner.encode())
        if tag is not None:
            return tag
        found = store.get(name)
        if found is None:
            continue
        if _text(found[0]).startswith(owner):
            return found[1]  # ours: the answer to the first put was lost
        if seen is not None and found != seen:
            if not waits:
                raise _taken_by_another(store)
            since = time.monotonic()
        seen = found
        if _gone(_text(found[0])) or time.monotonic() - since > LEASE_SECONDS:
            tag = store.replace(name, owner.encode(), found[1])
            if tag is not None:
                return tag
        time.sleep(LOOK_SECONDS)


def _taken_by_another(store: Bucket) -> UserError:
    return UserError(f"{store.address}: another run is writing to this place; wait for it or choose another --output")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that is no more."""
    machine, _, rest = owner.partition(" ")
    number = rest.split(" ", 1)[0]
    return machine == _machine() and number.isdigit() and not Path(f"/proc/{number}").exists()
