"""How long-running core functions report progress and are told to stop."""

from __future__ import annotations


class Monitor:
    """Report nowhere and never stop: the default; the command line has its own."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` steps of `stage` are finished, those of earlier runs included.

        A training's stages are "epoch 1", "epoch 2" and so on; their steps are counted together.
        """

    def failures(self, n: int) -> None:
        """Say that `n` files of the stage in hand failed so far; told before the progress."""

    def waiting(self, what: str, seconds: float) -> None:
        """Say that nothing goes on until `what` is done, which is in work for so long."""

    def epoch(self, summary: str) -> None:
        """Say how an epoch of training went, in one line."""

    def note(self, text: str) -> None:
        """Say what a person may want to know of the work in hand, in one line."""

    @property
    def standing(self) -> str:
        """How far the stage in hand is, such as "37 of 971 songs are done"; empty where nobody counts."""
        return ""

    @property
    def stopped(self) -> bool:
        """Whether the user asked to stop after the step in hand."""
        return False


SILENT = Monitor()
