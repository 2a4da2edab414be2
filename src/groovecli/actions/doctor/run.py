"""What a doctor would look at: Python, libraries, formats, the machine, groove's own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from groovecli.actions.context import Context, check_call
from groovecli.actions.doctor import formats, machine, places, software
from groovecli.actions.doctor.check import Check, Level, problem
from groovecli.checked import Checked


@dataclass(frozen=True)
class DoctorRequest(Checked):
    """There is nothing to choose: everything is looked at."""


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at, in the order in which it was."""

    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[Check, ...]:
        """What stops a part of groove."""
        return tuple(check for check in self.checks if check.level == Level.PROBLEM)

    @property
    def warnings(self) -> tuple[Check, ...]:
        """What limits groove."""
        return tuple(check for check in self.checks if check.level == Level.WARNING)


def run(request: DoctorRequest, context: Context) -> Diagnosis:
    """Look at everything that groove needs; nothing is written that stays, and no network is used.

    A part of which the looking itself fails is a problem, and the others are looked at all the same.
    """
    check_call("doctor", request, DoctorRequest, context)
    found: list[Check] = []
    parts: tuple[tuple[str, Callable[[], Iterable[Check]]], ...] = (
        ("software", software.checks),
        ("machine", machine.checks),
        ("formats", formats.checks),
        ("folder", lambda: places.checks(context.home)),
    )
    for name, part in parts:
        try:
            found += part()
        except Exception as error:  # whatever breaks is what a doctor is asked for
            what = (str(error).splitlines() or [""])[0]
            found.append(
                problem(name, f"can't be looked at: {type(error).__name__}: {what}", "install groove again")
            )
    return Diagnosis(tuple(found))
