"""Values that are checked as they are made: each field is what its annotation says, or it is an error."""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from groovecli.messages import words
from groovecli.messages.ground import wrong_field
from groovecli.paths import PathField, Unfit, path_of, paths_of


@dataclass(frozen=True)
class Range:
    """The finite numbers that a field takes, both ends included; `low` is not where it `is_above`."""

    low: float
    high: float = math.inf
    is_above: bool = False

    def __contains__(self, number: float) -> bool:
        is_low = number <= self.low if self.is_above else number < self.low
        return not is_low and number <= self.high and number != math.inf

    def __str__(self) -> str:
        if self.is_above:
            return f"above {self.low:g}" + ("" if self.high == math.inf else f", at most {self.high:,.0f}")
        return f"from {self.low:g}" + ("" if self.high == math.inf else f" to {self.high:g}")


_HINTS: dict[type[Any], dict[str, Any]] = {}
Count = Annotated[int, Range(1)]
Places = Annotated[int, Range(1, 100)]
"""In how many places a song is heard."""
Share = Annotated[float, Range(0, 1)]
MOST_WEIGHT = 1e6
Weight = Annotated[float, Range(0, MOST_WEIGHT, is_above=True)]
"""What a song counts."""
Minutes = Annotated[float, Range(0, is_above=True)]


class Checked:
    """Base of frozen dataclasses whose fields are checked by their annotations.

    Strings are made Paths and lists tuples where the annotation says so, and one string stands for
    several where several are meant. Numbers lie in their Range.

    Raises
    ------
    UsageError
        A field is something else.
    """

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            value = getattr(self, name)
            try:
                fit = fitted(value, hint)
            except Unfit as error:
                raise wrong_field(type(self).__name__, name, takes(hint), value) from error
            if fit is not value:
                object.__setattr__(self, name, fit)


def _hints(kind: type[Any]) -> dict[str, Any]:
    """The annotations of a dataclass's fields, looked up once."""
    if kind not in _HINTS:
        hints = get_type_hints(kind, include_extras=True)
        _HINTS[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _HINTS[kind]


def fitted(value: Any, hint: Any) -> Any:
    """The value as its annotation wants it; an Unfit if it can't be."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(value, *args)
    if origin in (Union, types.UnionType):
        return _first(value, args)
    if origin is Literal:
        return _if(isinstance(value, str) and value in args, value)
    if origin is tuple:
        return _tuple(value, args)
    if origin is Mapping:
        return _if(isinstance(value, Mapping) and all(isinstance(key, str) for key in value), value)
    if hint in _NUMBERS:
        return _number(value, hint)
    return _if(isinstance(value, hint), value)


def takes(hint: Any) -> str:
    """What an annotation takes, in words; None is left out, since it means that nothing was asked for."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        base, mark = args
        return str(mark.value) if isinstance(mark, PathField) else f"{takes(base)} {mark}"
    if origin in (Union, types.UnionType):
        return " or ".join(takes(arm) for arm in args if arm is not types.NoneType)
    if origin is Literal:
        return " or ".join(map(repr, args))
    if origin is tuple:
        if args[-1] is ...:
            return "strings" if args[0] is str else f"values that are each {takes(args[0])}"
        return " and ".join(takes(each) for each in args)
    if origin is Mapping:
        return "a dict with names as keys"
    return _WORDS.get(hint) or words.a(hint.__name__)


_NUMBERS = {int: Integral, float: Real}
_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    bool: "True or False",
}


def _annotated(value: Any, base: Any, mark: PathField | Range) -> Any:
    if mark is PathField.SEVERAL:
        return paths_of(value)
    if isinstance(mark, PathField):
        path = path_of(value)
        return str(path.absolute()) if mark is PathField.TEXT else path
    number = fitted(value, base)
    return _if(number in mark, number)


def _first(value: Any, hints: Iterable[Any]) -> Any:
    """As the first of several annotations that it fits."""
    for hint in hints:
        try:
            return fitted(value, hint)
        except Unfit:
            continue
    raise Unfit


def _tuple(value: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    """As a tuple, of some length or of any; a value that isn't a list becomes a tuple of one."""
    is_any = hints[-1] is ...
    if is_any and isinstance(value, str):
        value = (value,)
    if not isinstance(value, list | tuple) or (not is_any and len(value) != len(hints)):
        raise Unfit
    return tuple(fitted(each, hints[0 if is_any else i]) for i, each in enumerate(value))


def _number(value: Any, kind: type[int] | type[float]) -> Any:
    """As a whole number or a float; True and False don't count as numbers."""
    is_one: bool = isinstance(value, _NUMBERS[kind]) and not isinstance(value, bool)
    if not is_one:
        raise Unfit
    try:
        return kind(value)
    except OverflowError as error:
        raise Unfit from error


def _if(is_fit: bool, value: Any) -> Any:
    if not is_fit:
        raise Unfit
    return value
