"""The page of a training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from groovecli.evaluation.verdict import Verdict
from groovecli.paths import StrPath, as_path
from groovecli.reports import tables
from groovecli.reports.evaluation import finding, leak
from groovecli.reports.sections.course import course
from groovecli.reports.sections.genres import card_of
from groovecli.reports.sections.settings import settings
from groovecli.reports.text import as_html
from groovecli.reports.web.frame import PAGE, Foot, Frame, Section, write_page
from groovecli.training.result import TrainResult


def write_training(
    folder: StrPath, result: TrainResult, test: Verdict | None = None, *, command: str = ""
) -> tuple[Path, ...]:
    """Write a page of how a network was trained, with its settings; return the file.

    The page begins with the model's own test, where there is one. `command` stands at the foot.
    """
    folder, about = as_path(folder, "write_training", "folder"), result.description
    where = f"trained on {about.dataset}"
    frame = Frame(
        title=finding(about.name, test) if test else f"{about.name}, {where}",
        kind=f"{where}: {tables.course(result)}",
        card=card_of(test) if test else None,
        warnings=leak(about.split_by),
        notes=(tables.about(about),),
        sections=(
            course(result.epochs, result.best_epoch),
            Section("Training result", as_html(tables.of_best(about)), "result"),
            settings(about),
        ),
        foot=Foot(command, about.dataset, f"by {about.split_by}", _seed(about.training)),
    )
    return (write_page(folder / PAGE, frame),)


def _seed(training: Mapping[str, Any]) -> int | None:
    seed = training.get("seed")
    return seed if isinstance(seed, int) else None
