"""A progress bar for what takes more than a second."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich import progress


class Progress:
    """A bar on stderr, where that is a terminal, once its work has taken a second.

    with Progress("certifying", len(classes)) as done:
        done(17)
    """

    def __init__(self, label: str, total: int | None = None) -> None:
        self.label, self.total, self.done = label, total, 0
        self.bar: progress.Progress | None = None
        self.timer = threading.Timer(1, self._show)
        self.timer.daemon = True

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self.timer.start()
        return self

    def __call__(self, done: int, total: int | None = None) -> None:
        """So many are done, of so many if that was not known before."""
        self.done, self.total = done, total or self.total
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, total=self.total)

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        if self.timer.is_alive():
            self.timer.join()
        if self.bar is not None:
            self.bar.stop()

    def _show(self) -> None:
        from rich import console, progress

        bar = progress.Progress(console=console.Console(stderr=True), transient=True)
        bar.add_task(self.label, total=self.total, completed=self.done)
        bar.start()
        self.bar = bar
