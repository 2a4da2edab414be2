"""What a command that measures writes beside its answer: a page, one picture, or all pictures."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.files import check_writable

if TYPE_CHECKING:
    from groovecli.reports.figures import Figure

Plot = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the main chart: .png, .svg or .pdf."),
]
Figures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write all charts as PNG and SVG into DIR."),
]
REPORTS = {
    "train": ("index.html",),
    "evaluate": ("index.html", "evaluation.json"),
    "compare": ("index.html", "comparison.json", "comparison.md"),
    "leakage": ("index.html", "leakage.json"),
}
"""The files of each command's report."""
_OURS = ("groove", "__main__")


@dataclass(frozen=True)
class Outputs:
    """Where to write the page, the main chart and all charts; None where nothing is asked for."""

    report: Path | None = None
    plot: Path | None = None
    figures: Path | None = None

    def check(self, command: str, *, force: bool | None = None) -> None:
        """Raise a UsageError or StorageError now, if one of them could not be written later.

        Nor may a file that groove did not write be replaced, without `force`; None where the command has
        no such option.
        """
        from groovecli.reports.own_files import check_replaceable, check_report, is_own_picture
        from groovecli.reports.vectors import check_plot

        allowed = {"force": bool(force), "can_force": force is not None}

        for folder in filter(None, (self.report, self.figures)):
            check_writable(folder, is_folder=True)
        if self.plot is not None:
            check_plot(self.plot)
            check_writable(self.plot)
            check_replaceable(self.plot, is_own_picture, **allowed)
        if self.report is not None:
            check_report(self.report, REPORTS[command], **allowed)
        if self.figures is not None:
            from groovecli.reports.figures import check_figures

            check_figures(self.figures, **allowed)

    def write(
        self, write_page: Callable[[Path], tuple[Path, ...]], figures: Callable[[], Iterator[Figure]]
    ) -> tuple[Path, ...]:
        """Write what is asked for; return the files."""
        from groovecli.reports.figures import write_figures, write_plot

        files: tuple[Path, ...] = write_page(self.report) if self.report else ()
        if self.plot:
            files += write_plot(self.plot, figures())
        if self.figures:
            files += write_figures(self.figures, figures())
        return files


def command_line() -> str:
    """What was called, as a person would type it; "" where groove runs inside another program."""
    program, *arguments = sys.argv
    return shlex.join(["groove", *arguments]) if Path(program).stem in _OURS else ""
