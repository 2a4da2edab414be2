"""A two-minute medley of each playlist, made in a worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from groovecli.monitor import Monitor
from groovecli.playlists.playlist import Playlist
from groovecli.workers.pool import in_worker


def previews(monitor: Monitor, n_playlists: int) -> Callable[[Playlist], bytes | None]:
    """What makes the preview of one playlist after the other, and counts them."""
    from groovecli.audio.medley import medley, no_medley

    done = 0

    def made(playlist: Playlist) -> bytes | None:
        nonlocal done
        work = partial(medley, title=f"{playlist.name} (preview)", album=playlist.name)
        sound = in_worker(work, [entry.path for entry in playlist.entries], lost=no_medley)
        done += 1
        monitor.progress("preview", done, n_playlists)
        return sound.mp3

    return made
