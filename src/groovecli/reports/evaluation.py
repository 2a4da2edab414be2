"""The page and the figures of a model that was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.results import Evaluated
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.files import write_json
from groovecli.messages.evaluation import is_few
from groovecli.messages.words import LEAK
from groovecli.models.file import Description
from groovecli.paths import StrPath, as_path
from groovecli.reports import tables
from groovecli.reports.sections import examples
from groovecli.reports.sections.confidence import confidence, precision
from groovecli.reports.sections.course import course
from groovecli.reports.sections.genres import card_of, mixed_genres, parents, right_genres, wrong_songs
from groovecli.reports.sections.listed import listed, room
from groovecli.reports.sections.settings import settings
from groovecli.reports.sections.space import sample, space
from groovecli.reports.subject import Subject, curves
from groovecli.reports.text import as_html
from groovecli.reports.web import confusion, song_map
from groovecli.reports.web.frame import PAGE, Foot, Frame, Section, write_page

_FIGURES = "evaluation.json"


def write_evaluation(folder: StrPath, evaluated: Evaluated, *, command: str = "") -> tuple[Path, ...]:
    """Write what was measured of a model as JSON, and a page of all that suits it.

    Its seed decides which songs are examples, and how the map lies. `command` stands at the foot.

    Returns
    -------
    files : tuple of Path
        The figures, and last the page.
    """
    folder = as_path(folder, "write_evaluation", "folder")
    write_json(folder / _FIGURES, tables.to_json(evaluated))
    measured, evaluation, about = evaluated.measured, evaluated.evaluation, evaluated.model.description
    subject = Subject.of(evaluated)
    before, after = [*_judged(evaluated, subject, folder)], [*_further(evaluated, subject)]
    free, vectors = room((*before, *after)), subject.songs.embeddings
    on_map = sample(vectors, free.n_dots, evaluated.seed)
    songs = listed(evaluated.judged, about.genres, folder, on_map=on_map, most_bytes=free.n_bytes)
    place = space(evaluated.judged, vectors, on_map, songs, subject.scheme, evaluated.seed)
    frame = Frame(
        title=_heading(about, measured.dataset.name, evaluation),
        kind=tables.protocol(measured, evaluation),
        card=card_of(verdict(evaluation)) if evaluation else None,
        warnings=(*leak(measured.split_by), *measured.notes),
        notes=(tables.few_songs(evaluation), tables.about(about)),
        sections=(*before, *([place] if place else ()), *after),
        foot=Foot(command, measured.dataset.name, f"by {measured.split_by}", evaluated.seed, (_FIGURES,)),
        style=confusion.styles() + song_map.styles(),
        scripts=(confusion.scripts() if evaluation else ()) + (song_map.scripts() if place else ()),
        data={"judged": songs.data},
    )
    return folder / _FIGURES, write_page(folder / PAGE, frame)


def _judged(evaluated: Evaluated, subject: Subject, folder: Path) -> Iterator[Section]:
    """What the model names right and wrong, above the map."""
    evaluation = evaluated.evaluation
    if evaluation is None:
        return
    if evaluation.parents:
        yield from parents(evaluation.parents)
    yield right_genres(evaluation, subject.scheme, curves(subject.songs, evaluation.genres))
    yield mixed_genres(evaluation)
    yield wrong_songs(evaluated.misjudged, evaluation.n_songs, folder)


def _further(evaluated: Evaluated, subject: Subject) -> Iterator[Section]:
    """All that stands below the map."""
    evaluation = evaluated.evaluation
    if evaluation:
        if tables.are_enough(evaluation):
            yield confidence(evaluation)
        area = None if is_few(evaluation.n_songs) else evaluation.average_precision
        yield precision(curves(subject.songs, evaluation.genres), subject.scheme, area)
    yield from examples.sections(subject)
    about = evaluated.model.description
    if evaluated.history:
        yield course(evaluated.history, about.figures.best_epoch or evaluated.history[-1].number)
    figures = (tables.of_scores(evaluation), tables.of_space(evaluated.space, evaluation))
    yield Section("All figures", tuple(map(as_html, figures)), "figures")
    yield settings(about)


def _heading(description: Description, dataset: str, evaluation: Evaluation | None) -> str:
    """The finding."""
    if evaluation is None:
        return f"{description.name}, measured on {dataset}"
    return finding(description.name, verdict(evaluation))


def finding(model: str, found: Verdict) -> str:
    """How many songs a model names right, in a line."""
    return f"{model}: {found.right.partition(' (')[0]}"


def leak(split_by: str) -> tuple[str, ...]:
    """What to say of a split that leaks; nothing of another."""
    return (f"{LEAK}.",) if is_leaky(split_by) else ()
