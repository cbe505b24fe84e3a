"""Reads a file that states advances alone, without a whole `aco.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from openaco.errors import ConfigurationError
from openaco.programs.advances.stated import Advances


def read_advances(path: Path) -> Advances:
    """The advances of a TOML file: its `[advances]` table, or the whole file.

    Raises ConfigurationError naming every wrong key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Advances.model_validate(content.get("advances", content))
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not valid TOML: {error}", where=path.name, remedy="Correct it there.") from error
    except ValidationError as error:
        said = [(".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, ")) for item in error.errors()]
        wrong = "; ".join(f"{place}: {words}" if place else words for place, words in said)
        raise ConfigurationError(
            wrong, where=path.name, remedy="`openaco init` writes every key of [advances] with its meaning."
        ) from error
