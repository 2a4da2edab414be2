"""Files that failed: listed, and forgotten so that they are tried again."""

from __future__ import annotations

from dataclasses import dataclass

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.statistics import failed_clips, forget_failed_clips
from groovecli.library.statistics import Failure, failures, forget_failures
from groovecli.paths import StrPaths, as_paths


@dataclass(frozen=True)
class FailedRequest(Checked):
    """Which failures: of files at or below `paths`, of all without; `retry` forgets them."""

    paths: StrPaths = ()
    retry: bool = False


@dataclass(frozen=True)
class Failed:
    """Failures by path, and whether they were forgotten."""

    failures: tuple[Failure, ...]
    is_forgotten: bool


def run(request: FailedRequest, context: Context) -> Failed:
    """The files that failed, or whose clips did; with `retry` the next command tries them again."""
    check_call("failed", request, FailedRequest, context)
    paths = as_paths(request.paths, "FailedRequest", "paths")
    found = {(each.path, each.stage): each for each in failed_clips(context.catalog, paths)}
    found.update({(each.path, each.stage): each for each in failures(context.catalog, paths)})
    if request.retry and found:
        forget_failures(context.catalog, paths)
        forget_failed_clips(context.catalog, paths)
        context.catalog.log_run("status --retry", {"failures": len(found)})
    return Failed(tuple(sorted(found.values(), key=lambda each: (each.path, each.stage))), request.retry)
