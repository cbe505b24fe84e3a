"""Reads TOML files strictly: every wrong key is named with its place, and with the key that was probably meant."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from openaco.errors import ConfigurationError


class Strict(BaseModel):
    """A table of a TOML file: unknown keys are errors, numbers are exact decimals."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path, model: type[M], remedy: str) -> M:
    """Read and check a file. Raises ConfigurationError naming file, key and remedy."""
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy=remedy)
    try:
        return check_toml(path.read_text(encoding="utf-8"), path.name, model, remedy)
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error


def check_toml(text: str, name: str, model: type[M], remedy: str) -> M:
    """The text of a file, checked as `read_toml` does. Decimals are read as they are written: 0.1 is one tenth."""
    try:
        return model.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not valid TOML: {error}", where=name, remedy=remedy) from error
    except ValidationError as error:
        found = [_said(item, model) for item in error.errors()]
        raise ConfigurationError("; ".join(dict.fromkeys(found)), where=name, remedy=remedy) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean share?)`, or nothing where no known word is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def _said(item: ErrorDetails, model: type[BaseModel]) -> str:
    place = [part for part in item["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    key = _key(place)
    if item["type"] == "extra_forbidden":
        owner = _model_at(model, place[:-1])
        fields = list(owner.model_fields) if owner else []
        return f"{key}: unknown key{did_you_mean(str(place[-1]), fields)}"
    if item["type"] == "missing":
        return f"{key}: missing"
    if item["type"] == "literal_error":
        options = _options(item)
        near = did_you_mean(str(item["input"]), options)
        return f"{key}: {item['input']!r} is not one of {', '.join(options)}{near}"
    words = item["msg"].removeprefix("Value error, ")
    if item["type"] == "less_than_equal" and item["ctx"]["le"] == 1:
        return f"{key}: {item['input']} is more than 1; 20 percent is written 0.20"
    if item["type"] == "value_error" and key:
        return f"{key}.{words}"
    return f"{key}: {words}" if key else words


def _options(item: ErrorDetails) -> list[str]:
    expected = str(item.get("ctx", {}).get("expected", ""))
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(",") if word.strip("' ")]


def _key(place: Iterable[Any]) -> str:
    """`pool[2].share`, counted from one as a reader counts."""
    key = ""
    for part in place:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else str(part)
    return key


def _model_at(model: type[BaseModel], place: Iterable[Any]) -> type[BaseModel] | None:
    """The model of the table at a place, found through the annotations."""
    here: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, int):
            continue
        field = here.model_fields.get(str(part)) if here else None
        here = _model_in(field.annotation) if field else None
    return here


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for found in map(_model_in, get_args(annotation)) if found), None)


def one_of(words: Mapping[str, Any] | Iterable[str]) -> str:
    """Words as a list for people: `a, b, c`."""
    return ", ".join(words)
