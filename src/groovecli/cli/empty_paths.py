"""Paths that are empty, as where a variable of a script is: no path, though Python takes them for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import unwrap
from typing import Any, get_type_hints

from groovecli.messages.options import empty_path


def check_paths(function: Callable[..., Any], params: Sequence[Any], args: Sequence[str]) -> None:
    """Raise a UsageError where an option or argument of a command that takes a path is empty."""
    if not any(not word or word.endswith("=") for word in args):
        return
    hints = get_type_hints(unwrap(function))
    path_params = [each for each in params if "Path" in str(hints.get(each.name))]
    of_paths = {name for each in path_params for name in each.opts}
    with_value = {name for each in params if not getattr(each, "is_flag", False) for name in each.opts}
    are_arguments_paths = all(each in path_params for each in params if each.param_type_name == "argument")
    option = ""
    for word in args:
        name, is_given, value = word.partition("=")
        if is_given and not value and name in of_paths:
            raise empty_path(name)
        if not word and (option in of_paths or (not option and are_arguments_paths)):
            raise empty_path(option)
        option = word if not option and word.startswith("-") and word in with_value else ""
