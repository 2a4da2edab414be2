"""What figures of a model mean, in words; and what goes wrong in measuring one."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from groovecli.errors import DatasetError, GrooveError, ModelError, NothingToMeasure
from groovecli.messages.words import FEWEST_FOR_PERCENT, NONE, Interval, count, percent

_NAMED = 3  # networks in a sentence
_WHOSE = {"artist": "songs by new artists", "song": "new songs", "clip": "songs of which it learnt pieces"}
_ACROSS = {"song": "artists", "clip": "pieces of one song"}
_JUDGED = {
    "worse": "Worse than guessing ({}).",
    "no-better": "No better than guessing ({}).",
    "better-by-unknown": "Better than guessing ({}); too few songs to say how much.",
    "better": "Better than guessing ({}).",
}


def is_few(n_songs: int) -> bool:
    """Whether songs are counted, as a per cent of them would say more than is known."""
    return n_songs < FEWEST_FOR_PERCENT


def part(n_part: int, n: int) -> str:
    """4, 12 -> '4 of 12'; 30, 120 -> '25 %': counts while there are few."""
    return f"{n_part} of {n}" if is_few(n) else percent(n_part / n, 0)


def share(value: float | None, n: int, n_songs: int | None = None) -> str:
    """The same of a share of `n` things; counted where they are of few songs. A dash of nothing."""
    if value is None:
        return NONE
    n_part = round(value * n)
    return part(n_part, n) if n_songs is None or not is_few(n_songs) else f"{n_part} of {n}"


def reach(interval: Interval, n: int, n_songs: int | None = None) -> str:
    """The ends of the interval of a share of `n` things -> '1 to 8', '3 to 30 %'."""
    if is_few(n if n_songs is None else n_songs):
        return f"{round(interval.low * n)} to {round(interval.high * n)}"
    return f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %"


def share_with_reach(interval: Interval, n: int, n_songs: int | None = None) -> str:
    """A share of `n` things and its interval -> '4 of 12 (1 to 8)', '17 % (3 to 30 %)'."""
    return f"{share(interval.value, n, n_songs)} ({reach(interval, n, n_songs)})"


def right(n_right: int, n_songs: int, interval: Interval, *, counted: bool = False) -> str:
    """How many test songs are right -> '17 % of 30 test songs right (3 to 30 %)'.

    Counts, which are asked for by `counted` for many songs too, say what the bracket is, as '(0 to 4)'
    behind '2 of 4' reads like a count of songs.
    """
    songs = count(n_songs, "test song")
    if counted or is_few(n_songs):
        return f"{n_right} of {songs} right (95 % sure: {reach(interval, n_songs, 0)})"
    return f"{part(n_right, n_songs)} of {songs} right ({reach(interval, n_songs)})"


def judged(judgement: str, n_right: int, n_guess: int, n_songs: int, *, counted: bool = False) -> str:
    """Whether a model is better than guessing, by `Verdict.judgement` -> 'Better than guessing (20 %).'.

    A model that has more songs right than guessing is not said to be no better, only not shown to be.
    """
    if n_guess == n_songs:
        return "All are of one genre, so guessing is right, too."
    guess = f"{n_guess} of {n_songs}" if counted else part(n_guess, n_songs)
    if judgement == "no-better" and n_right > n_guess:
        return (
            f"Not shown to be better than guessing ({guess}){': too few songs' if is_few(n_songs) else ''}."
        )
    return _JUDGED[judgement].format(guess)


def keep_songs_whole() -> str:
    """What to do about a split that has pieces of one song on both sides."""
    return "keep songs and artists whole: `groove ingest MUSIC --dataset by-artist --split-by artist`"


def start_from_included(n_songs: int, dataset: str) -> str:
    """What to do with few songs to learn from."""
    command = f"groove train --network transfer{_of(dataset)}"
    return f"with {count(n_songs, 'song')} per genre, start from the included model: `{command}`"


def train_longer(model: str, n_epochs: int, n_usual: int) -> str:
    """What to do with a model that was trained for much less than its network needs."""
    so_far = f"it was trained for {n_epochs} of {count(n_usual, 'epoch')}"
    return f"{so_far}: `groove train --resume --name {quote(model)} --epochs {n_usual}`"


def ingest_more(n_songs: int, dataset: str) -> str:
    """What to do with few songs to test on."""
    songs, command = count(n_songs, "test song"), f"groove ingest MUSIC{_of(dataset)}"
    return f"{songs} can't show much: add music to the folders, then `{command}`"


def look_at_mistakes(model: str, dataset: str) -> str:
    """What to look at where songs are enough and the model is still no better than guessing.

    `dataset` is where to test it, "" on its own.
    """
    where = f" --dataset {quote(dataset)}" if dataset else ""
    command = f"groove evaluate {quote(model)}{where} --report report"
    return f"look at the wrong songs, are they in the right folders? `{command}`"


def better_with_transfer(n_songs: int, accuracy: float) -> str:
    """What starting from the included model is likely to bring, with so many songs per genre."""
    return (
        "with so few songs, `groove train --network transfer` is usually far better: in our tests"
        f" {percent(accuracy, 0)} right from {n_songs} songs per genre; time-cnn, from 71, 47 %"
    )


def _of(dataset: str) -> str:
    """The option that names a dataset; nothing for the usual one."""
    return "" if dataset == "default" else f" --dataset {quote(dataset)}"


def best_network(network: str, right: str, sentence: str) -> str:
    """Which of several networks is the best, and what its accuracy means."""
    return f"Best: {network}, {right}. {sentence}"


def none_is_better(network: str, n_networks: int, right: str, n_guess: int, n_songs: int) -> str:
    """That no network is shown to beat guessing, and which of them has most songs right."""
    if n_networks == 1:
        first = f"{network} is not shown to be better than guessing ({part(n_guess, n_songs)})"
        return f"{first}: {right}."
    first = f"None of {n_networks} networks is shown to be better than guessing ({part(n_guess, n_songs)})."
    return f"{first} Most: {network}, {right}."


def cant_tell_apart(network: str, rivals: Sequence[tuple[str, str]]) -> str:
    """That luck may have put a network before these, each with its accuracy in words."""
    if len(rivals) == 1:
        ((rival, accuracy),) = rivals
        return f"Can't tell these two apart: {network} and {rival} ({accuracy})."
    named = ", ".join(f"{rival} ({accuracy})" for rival, accuracy in rivals[:_NAMED])
    n_more = len(rivals) - _NAMED
    more = f" and {n_more} more" if n_more > 0 else ""
    return f"Can't tell it apart from {named}{more}."


def ahead(rival: str, accuracy: str, gap: Interval, n_songs: int) -> str:
    """That a network is better than the next by more than luck, and by how much."""
    if is_few(n_songs):
        by = count(round(gap.value * n_songs), "song")
    else:
        by = f"{100 * gap.value:.0f} points ({100 * gap.low:.0f} to {100 * gap.high:.0f})"
    return f"The next is {rival} ({accuracy}), {by} behind: more than luck."


def right_under(network: str, accuracy: str, split_by: str) -> str:
    """How often a network is right under the most honest split there is."""
    return f"{network} is right on {accuracy} {'' if ' of ' in accuracy else 'of '}{_WHOSE[split_by]}."


def looks_like(others: Sequence[tuple[str, str]]) -> str:
    """The accuracy under splits that leak, each in words."""
    texts = [
        f"with {_ACROSS[split_by]} in both{'' if number else ' training and test'} it looks like {accuracy}"
        for number, (split_by, accuracy) in enumerate(others)
    ]
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}."


def apart(others: Sequence[tuple[str, bool]]) -> str:
    """Whether these accuracies differ from the honest one by more than luck."""
    real = [_ACROSS[split_by] for split_by, is_apart in others if is_apart]
    luck = [_ACROSS[split_by] for split_by, is_apart in others if not is_apart]
    if not real:
        return f"Can't tell these apart: the {'differences' if luck[1:] else 'difference'} may be luck."
    if not luck:
        return f"{'Both differences are' if real[1:] else 'The difference is'} more than luck."
    return (
        f"With {real[0]} in both the difference is more than luck; with {luck[0]} in both it may be luck."
    )


def leakage_in_short(network: str, accuracy: str, split_by: str, n_pairs: int) -> str:
    """What came of a check for leaks, in the last line."""
    of = "" if " of " in accuracy else "of "
    return f"{network}: {accuracy} {of}{_WHOSE[split_by]} right; {count(n_pairs, 'duplicate')}"


def comparison_in_short(n_networks: int, best: str, accuracy: str, n_failed: int) -> str:
    """What came of a comparison, in the last line; `best` is "" where none beats guessing."""
    found = f"best {best}, {accuracy} right" if best else "none is shown to be better than guessing"
    failed = f"; {n_failed} left out" if n_failed else ""
    return f"{count(n_networks, 'network')} compared: {found}{failed}"


def no_accuracy_to_measure(model: str) -> ModelError:
    """A model without genres is asked how well it names them."""
    return ModelError(
        f"{model} names no genres, so there is no accuracy to measure",
        "choose another model; see `groove models`",
    )


def no_test_songs(dataset: str) -> NothingToMeasure:
    """Nothing of a dataset was kept for testing."""
    return NothingToMeasure(
        f"dataset {dataset!r} has no test song", "ingest more music, or choose another with `--dataset`"
    )


def no_test_songs_of(
    dataset: str, genres: Sequence[str], model: str, known: Sequence[str], n_songs: int
) -> NothingToMeasure:
    """The test songs are of other `genres` than those that the model is measured by."""
    return NothingToMeasure(
        f"dataset {dataset!r} has no test song of {model}'s genres ({', '.join(known)}): its"
        f" {count(n_songs, 'test song')} are of {', '.join(genres)}",
        "choose another model (see `groove models`), or another dataset with `--dataset`",
    )


def all_test_songs_learnt(
    dataset: str, model: str, learnt_from: str, n_songs: int, base: str = ""
) -> NothingToMeasure:
    """The model has seen each test song in its training, on a dataset of the same name or another.

    `base` is a model that it starts from, of which it is unknown here what it learned.
    """
    if dataset == learnt_from:
        why = "the dataset has been split again since"
        why += f", or {base}, which it starts from, learned them" if base else ""
        hint = f"train again with `groove train --dataset {dataset}`, or ingest more music"
    else:
        why = f"they are in its own dataset, {learnt_from!r}, too"
        hint = f"measure it on its own with `--dataset {learnt_from}`, or on one with other songs"
    songs = f"all {n_songs} test songs" if n_songs > 1 else "the only test song"
    return NothingToMeasure(
        f"nothing to measure {model} on: it was trained on {songs} of dataset {dataset!r}; {why}", hint
    )


def included_learned_all(dataset: str, model: str, included: str, n_songs: int) -> NothingToMeasure:
    """An included model, which is the model or what it starts from, has seen each test song."""
    who = model if model == included else f"{included}, which {model} starts from,"
    songs = f"all {n_songs} test songs" if n_songs > 1 else "the only test song"
    return NothingToMeasure(
        f"{who} learned {songs} of dataset {dataset!r}: {'they' if n_songs > 1 else 'it'} can't test it",
        f"test {model} on other songs: `groove ingest OTHER-MUSIC --dataset NAME`, then"
        f" `groove evaluate {quote(model)} --dataset NAME`",
    )


def left_out_as_learnt(n_songs: int) -> str:
    """Test songs that a model has seen in its own training."""
    be = "is" if n_songs == 1 else "are"
    return f"{count(n_songs, 'test song')} that the model was trained on {be} left out"


def left_out_as_included_learned(n_left_out: int, n_songs: int, model: str, included: str) -> str:
    """Test songs that an included model has seen, which is the model or what it starts from."""
    who = included if model == included else f"{included}, which {model} starts from,"
    left = f"{n_left_out} of {count(n_songs, 'test song')} {'is' if n_left_out == 1 else 'are'} left out"
    return f"{left}: {who} learned {'it' if n_left_out == 1 else 'them'}"


def measured_without_genres(network: str) -> DatasetError:
    """A row that holds no accuracy is to be compared by it."""
    return DatasetError(f"{network} was measured without genres")


def pyarrow_missing() -> GrooveError:
    """What writes Parquet files is not installed."""
    return GrooveError("writing .parquet needs the package pyarrow", "pip install pyarrow")
