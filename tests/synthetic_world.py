"""A small synthetic ACO, made and loaded once for the tests that need a whole one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from openaco.cli.load import load_with_progress
from openaco.engine import Engine, Lake
from openaco.programs.configuration import ByType, Configuration, read_configuration
from openaco.programs.folder import AcoFolder
from openaco.programs.ledger import LedgerRun, settle
from openaco.synthetic import generate

YEARS = (2021, 2022, 2023, 2024)
SOURCES = {
    "roster": "roster",
    "rif": "enrollment",
    "alr": "alr",
    "bnex": "bnex",
    "preference": "preference",
    "cclf": "cclf",
}


@dataclass(frozen=True)
class World:
    """The files CMS would send (`files`, with `truth`), and the ACO's folder with everything loaded (`home`)."""

    files: Path
    home: AcoFolder

    def configuration(self, method: str | None = None) -> Configuration:
        """aco.toml, with another assignment method if one is named."""
        found = read_configuration(self.home.configuration)
        if method is None:
            return found
        agreement = found.agreement.model_copy(update={"assignment_method": method})
        return found.model_copy(update={"agreement": agreement})

    def settle(self, engine: Engine, method: str | None = None, *, region_from_file: bool = True) -> LedgerRun:
        """The performance year, from the lake. In a very small world CMS's county file suppresses too much to tell
        the region: state it then (`region_from_file=False`), as an ACO would from its settlement report."""
        configuration = self.configuration(method)
        if not region_from_file:
            national = {year: configuration.national[year].per_capita for year in YEARS}
            weights = {year: ByType(esrd=0.1, disabled=0.1, aged_dual=0.1, aged_non_dual=0.1) for year in YEARS}
            configuration = configuration.model_copy(update={"regional": national, "national_weights": weights})
        return settle(engine, Lake(self.home.lake), configuration, YEARS[-1])


def make_world(folder: Path, beneficiaries: int, seed: int) -> World:
    """Generate and load."""
    files, home = folder / "files", AcoFolder(folder / "home")
    generate(files, beneficiaries, YEARS, seed)
    home.root.mkdir()
    shutil.copyfile(files / "aco.toml", home.configuration)
    load_with_progress(home.lake, [(source, [files / name]) for source, name in SOURCES.items()])
    return World(files, home)
