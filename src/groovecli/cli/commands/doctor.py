"""`groove doctor`."""

from __future__ import annotations

from dataclasses import replace

import typer

from groovecli.cli import options, render
from groovecli.errors import ExitCode


def doctor(json: options.Json = False) -> None:
    """Check that groove can work here, and say what to do if not.

    Nothing is changed, and no network is used.
    """
    from groovecli.actions.context import Context
    from groovecli.actions.doctor.run import DoctorRequest, run
    from groovecli.cli import self_checks
    from groovecli.cli.views import doctor as views

    with Context() as context:
        found = run(DoctorRequest(), context)
    found = replace(found, checks=(*found.checks, *self_checks.checks()))
    if json:
        render.as_json(views.to_json(found))
    else:
        views.show(found)
    if found.problems:
        raise typer.Exit(ExitCode.PARTIAL)
