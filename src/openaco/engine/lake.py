"""The lake: what was delivered, kept as Delta tables in one folder. A load changes all tables at once or nothing.

    lake = Lake.create("lake")
    with lake.begin("roster-20240801T0000000-0a1b2c3d") as draft:
        draft.add(Participant, rows)
        draft.commit({"feed": "roster", "file_name": "participants.csv", "content_hash": digest})
    participants = lake.read(engine, Participant, deliveries="latest")

A delivery is visible if and only if its row stands in the table `delivery`, whose commit is the last step of a load.
What a killed load left behind is never read and is removed by the next load. One load at a time; readers never wait.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from openaco.engine import delta
from openaco.engine.connection import Engine
from openaco.engine.draft import DELIVERY_ID, Draft, fingerprint
from openaco.engine.schema import arrow_schema
from openaco.errors import LakeError
from openaco.tables import Delivery, LakeTable, Quarantine

Deliveries = Literal["all", "latest"] | Sequence[str]

_DRAFTS = ".drafts"
_LOCK = ".lock"


class Lake:
    """A lake in a folder of this machine, at its newest version or, with `version`, as it was then."""

    def __init__(self, path: Path | str, *, version: int | None = None) -> None:
        self.path = Path(path)
        self.version = version
        if not delta.exists(self.path / Delivery.name):
            raise LakeError(
                "there is no lake here", where=str(path), remedy="Load something first: openaco load SOURCE PATH."
            )
        if version is not None and not 0 <= version <= (newest := delta.newest_version(self.path / Delivery.name)):
            raise LakeError(f"no version {version}", where=str(path), remedy=f"Versions run from 0 to {newest}.")
        self._records: dict[str, list[dict[str, Any]]] = {}

    @classmethod
    def create(cls, path: Path | str) -> Lake:
        """The lake in the folder, made if there is none. Raises LakeError if the folder holds something else."""
        folder = Path(path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"cannot make a lake: {error.strerror}", where=str(path)) from error
        if not delta.exists(folder / Delivery.name):
            others = [entry.name for entry in folder.iterdir() if entry.name not in {Delivery.name, _LOCK, _DRAFTS}]
            if others:
                raise LakeError("the folder holds other files", where=str(path), remedy="Name an empty or new folder.")
            delta.create(folder / Delivery.name, arrow_schema(Delivery), partitioned=False)
        return cls(folder)

    def deliveries(self) -> list[dict[str, Any]]:
        """The rows of `delivery`, in the order of delivery (not of loading)."""
        home = self.path / Delivery.name
        rows = []
        for file in delta.stored_files(home, version=self.version):
            if file.path not in self._records:
                self._records[file.path] = pq.read_table(home / file.path, partitioning=None).to_pylist()
            rows += [dict(row) for row in self._records[file.path]]
        return sorted(rows, key=lambda row: row["delivery_id"])

    def find(self, file_name: str, content_hash: str | None = None) -> dict[str, Any] | None:
        """The delivery of a file name (and content), or None."""
        for row in self.deliveries():
            if row["file_name"] == file_name and content_hash in (None, row["content_hash"]):
                return row
        return None

    @contextmanager
    def begin(self, delivery_id: str) -> Iterator[Draft]:
        """Write one delivery. Leaving without `draft.commit` changes nothing.

        Raises LakeError if another load is under way, or if the delivery is in the lake already.
        """
        if not DELIVERY_ID.fullmatch(delivery_id):
            raise LakeError(f"{delivery_id!r} is not a delivery id: <feed>-<yyyymmddThhmmsst>-<hash>")
        if self.version is not None:
            raise LakeError("an older version of a lake cannot be written", where=str(self.path))
        with _only_writer(self.path):
            standing = {row["delivery_id"] for row in self.deliveries()}
            if delivery_id in standing:
                raise LakeError(f"delivery {delivery_id} is in the lake already", where=str(self.path))
            _sweep(self.path, standing)
            folder = self.path / _DRAFTS / delivery_id
            folder.mkdir(parents=True)
            draft = Draft(self.path, folder, delivery_id)
            try:
                yield draft
            finally:
                draft.discard()

    def read(self, engine: Engine, table: type[LakeTable], *, deliveries: Deliveries = "all") -> Table:
        """The rows of a table, with its declared columns and types; no rows if nothing was delivered.

        deliveries: "all"; "latest", for each feed its newest delivery that speaks about the table; or delivery ids.
        """
        by_columns: dict[str, list[Path]] = {}
        for path in self.files(table, deliveries=deliveries):
            by_columns.setdefault(path.name.split(".")[-2], []).append(path)
        if not by_columns:
            return engine.empty(table)
        parts = [
            _declared(table, engine.read_parquet(paths), same=columns == fingerprint(table))
            for columns, paths in sorted(by_columns.items())
        ]
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    def files(self, table: type[LakeTable], *, deliveries: Deliveries = "all") -> list[Path]:
        """The Parquet files that hold a table's rows, in the order of delivery."""
        home = self.path / table.name
        if table is Delivery:
            return [home / file.path for file in delta.stored_files(home, version=self.version)]
        if not delta.exists(home):
            return []
        standing = {row["delivery_id"]: row["feed"] for row in self.deliveries()}
        files = [file for file in delta.stored_files(home) if file.delivery_id in standing]
        chosen = _choose(standing, {file.delivery_id for file in files}, deliveries)
        return [home / file.path for file in sorted(files, key=lambda file: file.path) if file.delivery_id in chosen]

    def quarantine(self, delivery_id: str | None = None) -> list[dict[str, Any]]:
        """The lines put aside, with their reasons: of one delivery, or all."""
        paths = self.files(Quarantine, deliveries="all" if delivery_id is None else [delivery_id])
        rows = pa.concat_tables([pq.read_table(path, partitioning=None) for path in paths]).to_pylist() if paths else []
        return sorted(rows, key=lambda row: (row["delivery_id"], row["source_file"], row["source_line"]))

    def versions(self) -> list[dict[str, Any]]:
        """Each version with the delivery that made it and when (UTC milliseconds); version 0 is the empty lake."""
        return [
            {"version": commit["version"], "delivery_id": commit.get("delivery_id"), "timestamp": commit["timestamp"]}
            for commit in delta.history(self.path / Delivery.name)
        ]


def _choose(standing: dict[str, str], holding: set[str], deliveries: Deliveries) -> set[str]:
    if deliveries == "all":
        return holding
    if deliveries == "latest":
        newest: dict[str, str] = {}
        for delivery_id in sorted(holding):
            newest[standing[delivery_id]] = delivery_id
        return set(newest.values())
    unknown = sorted(set(deliveries) - set(standing))
    if unknown:
        raise LakeError(f"no delivery {unknown[0]}", remedy="Lake.deliveries() names them.")
    return set(deliveries)


def _declared(table: type[LakeTable], rows: Table, *, same: bool) -> Table:
    """The rows with the declared columns and types; columns that an older file does not have are null."""
    wanted = ibis.Schema.from_pyarrow(arrow_schema(table))
    if same and all(rows.schema().get(name) == kind for name, kind in wanted.items()):
        return rows.select(*wanted)
    columns = {
        name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind) for name, kind in wanted.items()
    }
    return rows.select(**columns)


@contextmanager
def _only_writer(lake: Path) -> Iterator[None]:
    """Hold the lake's lock, which the system lets go of when the process ends, however it ends."""
    with (lake / _LOCK).open("a") as handle:
        try:
            _lock(handle.fileno())
        except OSError as error:
            raise LakeError(
                "another load is under way", where=str(lake), remedy="Wait until it ends, then try again."
            ) from error
        yield


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sweep(lake: Path, standing: set[str]) -> None:
    """Remove what loads that were killed left behind: drafts, and files of deliveries that do not stand."""
    shutil.rmtree(lake / _DRAFTS, ignore_errors=True)
    for home in (entry for entry in lake.iterdir() if entry.is_dir() and (entry / "_delta_log").is_dir()):
        if home.name == Delivery.name:
            _sweep_records(home)
            continue
        stray = [
            folder for folder in home.glob(f"{delta.PARTITION}=*") if folder.name.partition("=")[2] not in standing
        ]
        if not stray:
            continue
        if delta.exists(home):
            gone = [file for file in delta.stored_files(home) if file.delivery_id not in standing]
            if gone:
                delta.remove_files(home, gone)
        for folder in stray:
            shutil.rmtree(folder)


def _sweep_records(home: Path) -> None:
    known = {file.path for file in delta.stored_files(home)}
    for path in home.glob("*.parquet"):
        if path.name not in known:
            path.unlink()
