"""What helps a model that was measured, or whose figures can't be believed."""

from __future__ import annotations

from groovecli.datasets.splits import is_leaky
from groovecli.evaluation.results import Evaluated
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.messages import evaluation as messages
from groovecli.models.file import Description
from groovecli.training.transfer import ENOUGH_SONGS

_GOOD = 0.5  # share of songs right from which a model is left alone
_MUCH_LESS = 0.5  # share of its network's epochs under which a model was stopped early


def advice(evaluated: Evaluated) -> str:
    """What helps most, in one sentence with its command; nothing where nothing is amiss."""
    if evaluated.evaluation is None:
        return ""
    about, found = evaluated.model.description, verdict(evaluated.evaluation)
    if is_leaky(evaluated.measured.split_by):
        return messages.keep_songs_whole()
    if found.is_better and (found.judgement == "better" or found.accuracy.value >= _GOOD):
        return ""
    dataset = evaluated.measured.dataset.name
    if not evaluated.is_included and (hint := _to_learn_more(about, dataset, len(evaluated.history))):
        return hint
    return _to_test_more(about, found, dataset, evaluated.other_dataset)


def _to_learn_more(about: Description, dataset: str, n_epochs: int) -> str:
    """What helps a model that learned from few songs, or not long; an included one can't be trained."""
    spec, n_per_genre = about.spec, songs_per_genre(about)
    if about.hears_sound and not spec.starts_from and 0 < n_per_genre < ENOUGH_SONGS:
        return messages.start_from_included(n_per_genre, dataset)
    n_usual = spec.defaults.epochs
    if not spec.starts_from and 0 < n_epochs < _MUCH_LESS * n_usual:
        return messages.train_longer(about.name, n_epochs, n_usual)
    return ""


def _to_test_more(about: Description, found: Verdict, dataset: str, other_dataset: str) -> str:
    if messages.is_few(found.n_songs):
        return messages.ingest_more(found.n_songs, dataset)
    return "" if found.is_better else messages.look_at_mistakes(about.name, other_dataset)


def songs_per_genre(about: Description) -> int:
    """Songs that a model learnt from, by genre on average."""
    return round(about.learnt_from.n_songs.get("train", 0) / max(len(about.genres), 1))
