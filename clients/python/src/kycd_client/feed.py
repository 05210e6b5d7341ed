"""Iterates over the tenant's events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .errors import NoAnswerError, UnavailableError
from .types import Event, EventPage

if TYPE_CHECKING:
    from .client import Kycd

#: Shortest time between two calls that found nothing: kycd answers at once if too many calls wait already.
_EMPTY_PAUSE_SECONDS = 1.0
#: Longest time between two calls while kycd is unreachable.
_MAX_OUTAGE_PAUSE_SECONDS = 30.0


class EventFeed:
    """Iterates over the tenant's events in the order of the feed. Store `cursor` after you have processed an event, and
    pass it as `after` to continue later. After a crash, the events since the stored cursor come again, so processing
    must bear repetition."""

    def __init__(
        self,
        client: Kycd,
        *,
        after: str | None = None,
        types: Sequence[str] | None = None,
        limit: int | None = None,
        follow: bool = True,
        wait: int = 25,
        max_outage_seconds: float = 300,
    ) -> None:
        #: Position after the event, or the page, that the loop has received last.
        self.cursor = after
        self._client = client
        self._types = types
        self._limit = limit
        self._follow = follow
        self._wait = wait
        self._max_outage_seconds = max_outage_seconds
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ends the iteration after the call in progress. May be called by another thread or a signal handler."""
        self._stopped.set()

    def __iter__(self) -> Iterator[Event]:
        for page in self._read():
            for index, event in enumerate(page["events"]):
                self.cursor = page["next_after"] if index == len(page["events"]) - 1 else event["id"]
                yield event
            self.cursor = page["next_after"]

    def pages(self) -> Iterator[EventPage]:
        """Iterates over the pages instead, also over those without an event. With `types`, the cursor also passes the
        events that are left out: store it after each page, so that it does not expire while no event of these types
        occurs."""
        for page in self._read():
            self.cursor = page["next_after"]
            yield page

    def _read(self) -> Iterator[EventPage]:
        while not self._stopped.is_set():
            after = self.cursor
            began = time.monotonic()
            page = self._read_page(after)
            if page is None:
                return
            if page["next_after"] is None:
                # Without any event of the tenant there is no cursor, and the feed begins with the first event.
                page["next_after"] = None if after == "now" else after
            yield page
            if page["events"] or page["has_more"] or self._stopped.is_set():
                continue
            if not self._follow:
                return
            if after != "now" and time.monotonic() - began < _EMPTY_PAUSE_SECONDS:
                self._stopped.wait(_EMPTY_PAUSE_SECONDS)

    def _read_page(self, after: str | None) -> EventPage | None:
        """Reads a page. With `follow`, tries again while kycd is unreachable. Returns None if the iteration was stopped
        meanwhile."""
        wait = self._wait if self._follow else None
        first_failure: float | None = None
        seconds = 1.0
        while not self._stopped.is_set():
            try:
                return self._client.list_events(after=after, types=self._types, limit=self._limit, wait=wait).data
            except (NoAnswerError, UnavailableError):
                if first_failure is None:
                    first_failure = time.monotonic()
                outage_seconds = time.monotonic() - first_failure + seconds
                if not self._follow or outage_seconds > self._max_outage_seconds:
                    raise
            self._stopped.wait(seconds)
            seconds = min(2 * seconds, _MAX_OUTAGE_PAUSE_SECONDS)
        return None
