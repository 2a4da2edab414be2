"""Python, and the libraries that groove stands on: there, new enough, and not broken."""

from __future__ import annotations

import importlib
import platform
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement

from groovecli import __version__
from groovecli.actions.doctor.check import Check, problem, warning

_PACKAGE = "groovecli"
_MODULES = {"scikit-learn": "sklearn", "audioop-lts": "audioop", "pystemmer": "Stemmer", "pillow": "PIL"}
_NOT_FOR_USERS = {"dev"}


def checks() -> Iterator[Check]:
    """groove and Python, the libraries that are needed, and those that are not."""
    python = f"Python {platform.python_version()} ({sys.executable})"
    yield Check("groove", f"{__version__}, {python}", facts={"version": __version__, "python": python})
    try:
        needed = [Requirement(line) for line in metadata.requires(_PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        yield warning(
            "libraries",
            "groove is not installed as a package, so its libraries can't be compared with what it needs",
            "install groove with pip",
        )
        return
    yield from _required([each for each in needed if _is_wanted(each, "")])
    for extra in sorted(set(metadata.metadata(_PACKAGE).get_all("Provides-Extra") or ()) - _NOT_FOR_USERS):
        yield _extra(
            extra, [each for each in needed if not _is_wanted(each, "") and _is_wanted(each, extra)]
        )


def _is_wanted(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _required(requirements: list[Requirement]) -> Iterator[Check]:
    versions = {each.name: _version(each.name) for each in requirements}
    faults = [check for each in requirements if (check := _fault(each, versions[each.name]))]
    yield from faults
    n = len(requirements)
    text = f"{n - len(faults)} of the {n} that groove needs can be used"
    yield Check("libraries", text, facts={"versions": versions})


def _fault(requirement: Requirement, version: str | None) -> Check | None:
    """What is wrong with a library that groove needs; None where nothing is."""
    name, wanted = requirement.name, f"{requirement.name}{requirement.specifier}"
    install = f'install it: `python -m pip install "{wanted}"`'
    if version is None:
        return problem(name, f"is not installed (groove needs {wanted})", install)
    if not requirement.specifier.contains(version, prereleases=True):
        return problem(name, f"is {version}, but groove needs {wanted}", install)
    try:
        with warnings.catch_warnings(action="ignore"):  # pydub looks for an ffmpeg that nobody needs
            importlib.import_module(_MODULES.get(name.lower(), name.lower()))
    except Exception as error:  # a broken library can fail in any way
        why = (str(error).splitlines() or [type(error).__name__])[0]
        again = f"install it again: `python -m pip install --force-reinstall {name}=={version}`"
        return problem(name, f"{version} can't be used: {why}", again)
    return None


def _extra(extra: str, requirements: list[Requirement]) -> Check:
    """Whether the libraries of an extra are here; without them groove lacks some of its abilities only."""
    versions = {each.name: _version(each.name) for each in requirements}
    lacking = [name for name, version in versions.items() if version is None]
    text = f"not installed: {', '.join(lacking)} (not needed)" if lacking else "installed"
    return Check(f"extra {extra}", text, facts={"versions": versions})


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
