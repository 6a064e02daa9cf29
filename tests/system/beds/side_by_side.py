# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stories that mostly wait, told side by side in one thread: machines that boot and end all at once.

A story is a generator. It yields what it waits for, as the arguments of proc.wait_for(), and goes on once that is true."""

import dataclasses
import time
from collections.abc import Callable, Generator, Hashable

AT_ONCE = 6
INTERVAL = 0.02

Wait = tuple[Callable[[], object], float, str]
Story = Generator[Wait, None, None]


@dataclasses.dataclass(frozen=True)
class End:
    """What a story failed with, if it did."""

    error: Exception | None

    def check(self) -> None:
        """Fails like the story."""
        if self.error is not None:
            raise self.error


class _Teller:
    """One story, and what it waits for."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.error: Exception | None = None
        self.is_over = False
        self._go_on(lambda: next(self.story))

    def _go_on(self, step: Callable[[], Wait]) -> None:
        try:
            self.condition, timeout, self.what = step()
            self.timeout, self.deadline = timeout, time.monotonic() + timeout
        except StopIteration:
            self.is_over = True
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.error, self.is_over = error, True

    def look(self) -> None:
        """Goes on if what the story waits for has come; fails in the story at the deadline."""
        if self.condition():
            self._go_on(lambda: next(self.story))
        elif time.monotonic() > self.deadline:
            error = AssertionError(f"Waited {self.timeout} s in vain for: {self.what}")
            self._go_on(lambda: self.story.throw(error))


def tell(stories: dict[Hashable, Callable[[], Story]]) -> dict[Hashable, End]:
    """Tells all STORIES, begun in their order and at most AT_ONCE at a time; returns how each ended."""
    waiting, tellers, ends = list(stories), {}, {}
    while waiting or tellers:
        while waiting and len(tellers) < AT_ONCE:
            name = waiting.pop(0)
            tellers[name] = _Teller(stories[name]())
        for name, teller in list(tellers.items()):
            if not teller.is_over:
                teller.look()
            if teller.is_over:
                ends[name] = End(teller.error)
                del tellers[name]
        time.sleep(INTERVAL)
    return ends
