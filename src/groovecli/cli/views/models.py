"""What `groove models` and its commands say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.file import StoredModel
    from groovecli.models.onnx import Exported, Port
    from groovecli.models.serving import Damaged, Removed, Serving

_BLOCKS = (
    "#",
    ">",
    "|",
    "- ",
    "* ",
    "```",
    "    ",
)  # how lines of Markdown begin that go on with none before


# list


def show_list(stored: Sequence[StoredModel], now: Serving, damaged: Sequence[Damaged]) -> None:
    """Print the models that are here, then the networks that can be trained."""
    render.table(
        "models, the latest first",
        ("name", "in use for", "genres", "own test", "split by", "trained on", "network"),
        [
            *(_row(model, now) for model in stored),
            *((each.name, "damaged", *[words.NONE] * 5) for each in damaged),
        ],
        left=7,
        ranks=(0, 1, 3, 2, 5, 4, 6),
    )
    _show_networks()
    for line in now.fault_lines():
        render.warning(line)
    for each in damaged:
        render.warning(each.error.what)
        render.hint(each.error.hint)
    chosen = f"; chosen by `groove models use`: {now.chosen}" if now.chosen else ""
    render.summary(f"{words.count(len(stored), 'model')}{chosen}")
    if stored:
        render.next_step(f"groove models show {stored[0].name}")


def _show_networks() -> None:
    """Print the networks that can be trained: in a pipe with all that is known of each."""
    from groovecli.networks.registry import MODELS

    title = "networks to train (groove train --network NAME)"
    if render.is_narrow():
        render.heading(title)
        render.fields((spec.name, spec.summary) for spec in MODELS.values())
        render.more_columns(2)
        render.answer("")
        return
    rows = [(spec.name, spec.summary, ", ".join(spec.features), spec.paper) for spec in MODELS.values()]
    render.table(title, ("name", "what it does", "features", "paper"), rows, left=4)


def list_json(stored: Sequence[StoredModel], now: Serving, damaged: Sequence[Damaged]) -> dict[str, Any]:
    """Plain values of the models that are here and of the networks."""
    from groovecli.models.tested import own_test_of
    from groovecli.networks.registry import MODELS

    networks = [
        {
            "name": spec.name,
            "summary": spec.summary,
            "paper": spec.paper,
            "features": list(spec.features),
            "names_genres": spec.has_genres,
            "embedding_dim": spec.embedding_dim,
        }
        for spec in MODELS.values()
    ]
    descriptions = [
        {
            **model.description.to_json(),
            "path": str(model.path),
            "shipped": model.is_shipped,
            "in_use_for": list(now.uses_of(model)),
            "hears_files": model.description.hears_sound,
            "test": test.to_json() if (test := own_test_of(model)) else None,
        }
        for model in stored
    ]
    answer = {"schema": 1, "models": descriptions, "chosen": now.chosen, "networks": networks}
    faults = [each.to_json() for each in damaged]
    chosen_for = now.choice.to_json()
    return {**answer, "chosen_for": chosen_for, "faults": now.faults_json(), "damaged": faults}


def _row(model: StoredModel, now: Serving) -> tuple[str, ...]:
    about = model.description
    split = about.split_by + words.leaky(about.learnt_from.is_leaky, "leaky")
    origin = "included" if model.is_shipped else about.dataset
    uses = ", ".join(now.uses_of(model)) if about.hears_sound else "evaluate only"
    genres = str(len(about.genres)) if render.is_narrow() else ", ".join(about.genres)
    figure = _right(model) if about.genres else words.NONE
    return model.name, uses, genres if about.genres else "none", figure, split, origin, about.network


def _right(model: StoredModel) -> str:
    """How many songs of its own test a model names right: '71 % of 895'; counts of few."""
    from groovecli.models.tested import own_test_of

    test = own_test_of(model)
    if test is None:
        return "not measured"
    if test.n_songs < words.FEWEST_FOR_PERCENT:
        return f"{test.n_right} of {test.n_songs}"
    return f"{words.percent(test.accuracy.value, 0)} of {test.n_songs:,}"


# show


def show_model(model: StoredModel, uses: tuple[str, ...]) -> None:
    """Print what a person needs to know of a model, and the model card beside it; `--json` has the rest."""
    render.heading(model.name)
    render.fields(_rows(model, uses))
    for line in _card_lines(model.card or ""):
        render.answer(line)


def _rows(model: StoredModel, uses: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What a model is worth, what for, and what it is made of; nothing that is empty."""
    about = model.description
    if about.genres:
        yield "accuracy", _test_in_words(model)
    yield "genres", ", ".join(about.genres) or "none: for embed and cluster"
    yield "in use for", ", ".join(uses) or "nothing unless it is named"
    n_songs = about.learnt_from.n_songs.get("train", 0)
    songs = words.count(n_songs, "song") if n_songs else ""
    leaky = words.leaky(about.learnt_from.is_leaky)
    origin = "" if model.is_shipped else f"dataset {about.dataset}"  # an included one's is the makers'
    yield "trained on", f"{', '.join(filter(None, (songs, origin)))}, split by {about.split_by}{leaky}"
    yield "made", f"{about.created[:10]}{', included' if model.is_shipped else ''}"
    yield "network", f"{about.network}: {about.spec.summary}"
    yield "input", ", ".join(feature.name for feature in about.features)
    if about.spec.paper:
        yield "paper", about.spec.paper
    if about.licence:
        yield "licence", " ".join(about.licence.split())
    yield "file", str(model.path)


def _test_in_words(model: StoredModel) -> str:
    """What a model's own test gave, and whether that is better than guessing."""
    from groovecli.messages.models import own_test
    from groovecli.models.tested import own_test_of

    test = own_test_of(model)
    if test is None:
        return f"never tested: `groove evaluate {model.name}`"
    return f"{own_test(test)} Tested {test.day}." if test.day else own_test(test)


def _card_lines(card: str) -> list[str]:
    """A model card's lines; on a screen each paragraph, item and row of a table is one that wraps."""
    lines = card.splitlines()
    if not render.is_narrow():
        return lines
    joined: list[str] = []
    for line in lines:
        goes_on = joined and joined[-1] and not joined[-1].startswith("#")
        if joined and joined[-1].startswith("> ") and line.startswith("> "):
            joined[-1] += line[1:]
            continue
        if goes_on and line and not line.startswith(_BLOCKS):
            joined[-1] += " " + line.strip()
        else:
            joined.append(line)
    return joined


# use, remove, export


def show_serving(now: Serving, notes: Sequence[str]) -> None:
    """Print which model each command uses, and what to know of the one that was chosen."""
    render.fields((command, name or "none: name one with --model") for command, name in uses(now).items())
    for note in (*notes, *now.fault_lines()):
        render.warning(note)
    render.summary(f"in use: {now.chosen or 'the included model'}")


def uses(now: Serving) -> dict[str, str | None]:
    """The name of the model that each command uses."""
    models = {"classify": now.classify, "embed": now.embed, "cluster": now.embed}
    return {command: model.name if model else None for command, model in models.items()}


def show_removed(removed: Removed, now: Serving) -> None:
    """Print which model was removed, and what serves now if it was the one in use."""
    if removed.was_chosen:
        used = ", ".join(dict.fromkeys(m.name for m in (now.classify, now.embed) if m)) or "none"
        render.note(f"{removed.name} was in use; from now on: {used}")
    render.summary(f"removed {removed.name}: {removed.folder}")


def show_exported(exported: Exported) -> None:
    """Print what an exported file takes and gives, and how far it is from the model."""
    render.fields(
        (f"{title} {port.name}", f"(batch, {', '.join(map(str, port.shape))})")
        for title, ports in (("in", exported.inputs), ("out", exported.outputs))
        for port in ports
    )
    for why in exported.not_from_files:
        render.note(why)
    size = f"{exported.n_bytes / 1e6:.1f} MB"
    render.summary(f"{exported.path}: {size}, at most {exported.largest_difference:.1g} off")


def exported_json(exported: Exported) -> dict[str, Any]:
    """Plain values of an export."""
    return {
        "schema": 1,
        "path": str(exported.path),
        "bytes": exported.n_bytes,
        "inputs": _ports(exported.inputs),
        "outputs": _ports(exported.outputs),
        "largest_difference": exported.largest_difference,
        "not_from_files": list(exported.not_from_files),
    }


def _ports(ports: tuple[Port, ...]) -> list[dict[str, object]]:
    return [{"name": port.name, "shape": list(port.shape)} for port in ports]
