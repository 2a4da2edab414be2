"""`groove config`."""

from __future__ import annotations

from groovecli.cli import options, render


def config(json: options.Json = False) -> None:
    """Show settings, and where groove keeps its files."""
    from groovecli.cli.settings import SETTINGS, config_files, resolve
    from groovecli.cli.views import config as views
    from groovecli.home import Home

    resolved, home = resolve(), Home.default().path
    files = [str(path) for path in config_files()]
    if json:
        settings = {r.name: {"value": r.value, "origin": r.origin, "problem": r.problem} for r in resolved}
        render.as_json({"schema": 1, "home": str(home), "files": files, "settings": settings})
        return
    meanings = {setting.name: setting.help for setting in SETTINGS}
    rows = [
        (r.name, f"{r.value} (invalid: {r.problem})" if r.problem else r.value, r.origin, meanings[r.name])
        for r in resolved
    ]
    views.show(rows, home, files)
