"""What `groove apply`, `groove undo`, `groove tag` and `groove audit` print, and how they end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from groovecli.audio.payload import audio_hash
from groovecli.home import Home
from groovecli.library.changes.journal import Journal
from groovecli.library.changes.plan import Change, Plan, write_plan
from groovecli.library.scan import file_state
from tests.cli.conftest import Workshop, groove, groove_json
from tests.tagged import many, state


@pytest.fixture
def music(tmp_path: Path) -> Path:
    many(tmp_path, 4)
    return tmp_path / "music"


@pytest.fixture
def plan(music: Path) -> Path:
    changes = []
    for path in sorted(music.rglob("*.*")):
        found = file_state(path)
        assert found is not None
        to = f"[new]/{path.name}"
        changes.append(
            Change(path.relative_to(music).as_posix(), audio_hash(path), found, to=to, why="jazz 93 %")
        )
    write_plan(music.parent / "plan.json", Plan(music, "m", tuple(changes)))
    return music.parent / "plan.json"


def test_apply_and_undo(home: Path, music: Path, plan: Path) -> None:
    before = state(music)
    dry = groove("--wide", "apply", plan, "--dry-run")
    assert dry.exit_code == 0 and "4 songs would move" in dry.stdout and state(music) == before
    assert "[new]/0 plain.mp3" in dry.stdout and "jazz 93 %" in dry.stdout
    done = groove("apply", plan)
    assert done.exit_code == 0 and "4 songs moved" in done.stdout
    assert "groove undo" in done.stderr
    again = groove("apply", plan)
    assert again.exit_code == 0 and "4 were so already" in again.stdout
    text = json.loads(plan.read_text())
    (plan.parent / "one.json").write_text(json.dumps(text | {"changes": text["changes"][:1]}))
    assert "1 was so already" in groove("apply", plan.parent / "one.json").stdout
    back = groove("undo", music)
    assert back.exit_code == 0 and "4 songs as before `groove apply`" in back.stdout
    assert state(music) == before
    assert groove("undo").exit_code == 1


def test_what_is_refused_is_listed_and_ends_with_3(home: Path, music: Path, plan: Path) -> None:
    (music / "rock" / "0 plain.mp3").unlink()
    found = groove_json("apply", plan, code=3)
    assert (found["moved"], [item["code"] for item in found["refused"]]) == (3, ["missing"])
    (music / "jazz" / "1 tagged.mp3").write_bytes(b"another song")
    back = groove_json("undo", code=3)
    assert (len(back["restored"]), [item["code"] for item in back["failed"]]) == (2, ["taken"])
    said = groove("undo")
    assert (
        said.exit_code == 3
        and "0 songs as before" in said.stdout
        and "with `--force` it gives them up" in said.stderr
    )
    given_up = groove_json("undo", "--force", code=3)
    assert [item["code"] for item in given_up["given_up"]] == ["taken"]
    assert groove("undo").exit_code == 1


def test_json_of_a_plan_that_is_none(home: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[]")
    found = groove_json("apply", tmp_path / "plan.json", code=2)
    assert "is no plan" in found["error"]["what"] and "groove audit" in found["error"]["hint"]


def test_a_killed_run_is_said_by_every_command(
    home: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = Home(home).changes
    changes.mkdir(parents=True)
    path = sorted(music.rglob("*.*"))[0]
    target = music / "x" / path.name
    journal = Journal.begun(changes, command="apply", library=music, key="k", started="now")
    places = {"source": str(path), "target": str(target), "staged": str(target.with_name(".groove-x"))}
    journal.begin("move", **places, made=[str(target.parent)])
    target.parent.mkdir()
    os.link(path, target)
    journal.close()
    said = groove("describe", music, "--jobs", "1", "--json")
    assert "a `groove apply` was cut off" in said.stderr
    assert json.loads(said.stdout)
    assert path.exists() and target.exists()
    done = groove("undo")
    assert done.exit_code == 0 and "was cut off after 1 song" in done.stderr
    assert path.exists() and not target.parent.exists()


def test_tag_and_undo_with_a_model(workshop: Workshop, tmp_path: Path) -> None:
    song = next((workshop.library / "folk").iterdir())
    refused = groove("tag", song, "--model", "net", "--min-precision", "0.999999")
    assert refused.exit_code == 1
    found = groove_json("tag", song, "--model", "net", "--min-precision", "0", "--replace", "--dry-run")
    assert found["dry_run"] and not found["failed"]
    assert len(found["tagged"]) + found["done_before"] + len(found["kept"]) == 1
