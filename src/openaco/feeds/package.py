"""What arrives, opened safely: a file, a folder or a ZIP (with ZIPs inside) as a list of members. Nothing is unpacked.

Refused: more members, bytes or compression than any real delivery has, names that climb out of the folder,
encrypted members and links. The limits are far above the largest deliveries known.
"""

from __future__ import annotations

import datetime
import hashlib
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from openaco.errors import FeedError

GIGABYTE = 1024**3
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Limits:
    """What a package may be at most. `ratio` (bytes out per byte in) is looked at above `ratio_from` bytes."""

    members: int = 2_000
    total_bytes: int = 500 * GIGABYTE
    nested_bytes: int = 4 * GIGABYTE
    ratio: int = 250
    ratio_from: int = 10 * 1024**2
    depth: int = 2


@dataclass
class Member:
    """One file of a package. `name` is its base name, `size` its bytes when unpacked."""

    name: str
    size: int
    package: str
    path: Path | None = None
    archive: zipfile.ZipFile | None = None
    info: zipfile.ZipInfo | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The member's bytes. Raises FeedError if they cannot be unpacked to the end."""
        where = f"{self.package}/{self.name}"
        try:
            with self._stream(where) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise FeedError("the ZIP is damaged here", where=where, remedy="Download the delivery again.") from error

    def _stream(self, where: str) -> BinaryIO:
        if self.archive is None or self.info is None:
            assert self.path is not None
            return self.path.open("rb")
        try:
            return cast(BinaryIO, self.archive.open(self.info))
        except (NotImplementedError, RuntimeError) as error:
            raise FeedError(
                "cannot be unpacked: encrypted, or packed by a method unknown here",
                where=where,
                remedy="Unpack it with the program that packed it and load the folder.",
            ) from error

    def text(self, encoding: str = "utf-8-sig") -> str:
        """The whole member as text: for small files. Raises FeedError naming the line of the first undecodable byte."""
        with self.open() as stream:
            data = stream.read()
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise FeedError(
                f"line {line} holds a byte that is not UTF-8",
                where=f"{self.package}/{self.name}",
                remedy="Ask for the file again, or convert it to UTF-8.",
            ) from error


@dataclass
class Package:
    """A delivery as it was received."""

    path: Path
    name: str
    members: list[Member]
    kind: str
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *details: object) -> None:
        self._open.close()

    @property
    def size(self) -> int:
        """Bytes of all members, unpacked."""
        return sum(member.size for member in self.members)

    def content_hash(self) -> str:
        """SHA-256 of a file or ZIP as received; of a folder, over its members' hashes in the order of names.

        `sha256sum FILE`, or `sha256sum * | sha256sum` in the folder, gives the same.
        """
        if self.kind != "folder":
            return _digest(self.path)
        whole = hashlib.sha256()
        for member in sorted(self.members, key=lambda member: member.name):
            assert member.path is not None
            whole.update(f"{_digest(member.path)}  {member.name}\n".encode())
        return whole.hexdigest()

    def modified_at(self) -> datetime.datetime:
        """When the newest file was last written: the time of delivery where a name has none."""
        times = [member.path.stat().st_mtime for member in self.members if member.path]
        stamp = max(times) if times else self.path.stat().st_mtime
        return datetime.datetime.fromtimestamp(stamp, tz=datetime.UTC).replace(tzinfo=None)


def open_package(path: Path | str, *, limits: Limits | None = None) -> Package:
    """Open a file, a folder or a ZIP. Use as a context manager.

    Raises FeedError if there is nothing, if it is empty, or if a ZIP is damaged or goes beyond the limits.
    """
    place, limits = Path(path), limits or Limits()
    package = Package(place, place.name, [], "file")
    try:
        _fill(package, limits)
    except BaseException:
        package._open.close()
        raise
    return package


def _fill(package: Package, limits: Limits) -> None:
    place = package.path
    if place.is_dir():
        package.kind = "folder"
        files = sorted(file for file in place.iterdir() if file.is_file() and not file.name.startswith("."))
        package.members = [Member(file.name, file.stat().st_size, place.name, path=file) for file in files]
    elif not place.is_file():
        raise FeedError("there is no such file or folder", where=str(place), remedy="Check the path.")
    elif _is_zip(place):
        package.kind = "zip"
        package.members = _zip_members(package, place, place.name, limits, depth=1)
    else:
        package.members = [Member(place.name, place.stat().st_size, place.name, path=place)]
    if not package.members or package.size == 0:
        raise FeedError("there is nothing in it", where=place.name, remedy="Download the delivery again.")
    _check_names(package)


def _zip_members(package: Package, source: Path | BinaryIO, name: str, limits: Limits, *, depth: int) -> list[Member]:
    try:
        archive = package._open.enter_context(zipfile.ZipFile(source))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FeedError("the ZIP is damaged", where=name, remedy="Download the delivery again.") from error
    infos = [info for info in archive.infolist() if not info.is_dir()]
    _check_archive(infos, name, limits)
    members: list[Member] = []
    for info in infos:
        member = Member(PurePosixPath(info.filename).name, info.file_size, name, archive=archive, info=info)
        inner = _inner_zip(package, member, limits, depth)
        members += [member] if inner is None else _zip_members(package, inner, member.name, limits, depth=depth + 1)
        _check_total(members, name, limits)
    return members


def _inner_zip(package: Package, member: Member, limits: Limits, depth: int) -> BinaryIO | None:
    """The member in a nameless temporary file if it is a ZIP itself, else None."""
    with member.open() as stream:
        start = stream.read(4)
        if start not in ZIP_STARTS:
            return None
        if depth >= limits.depth or member.size > limits.nested_bytes:
            raise FeedError(
                "a ZIP within a ZIP that is nested too deep or too large",
                where=f"{member.package}/{member.name}",
                remedy="Unpack it by hand if it is genuine, and load the inner file.",
            )
        inner = package._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (closed with the package)
        inner.write(start)
        shutil.copyfileobj(stream, inner)
        return cast(BinaryIO, inner)


def _check_archive(infos: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    for info in infos:
        path, where = PurePosixPath(info.filename.replace("\\", "/")), f"{name}/{PurePosixPath(info.filename).name}"
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise FeedError("the ZIP names a file outside itself", where=name, remedy="Do not load it; ask its sender.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FeedError("the ZIP holds a link", where=where, remedy="Do not load it; ask its sender.")
        if info.flag_bits & 0x1:
            raise FeedError("is encrypted", where=where, remedy="Unpack it with its password and load the folder.")
        packed = max(info.compress_size, 1)
        if info.file_size > limits.ratio_from and info.file_size > limits.ratio * packed:
            raise FeedError(
                f"unpacks to more than {limits.ratio} times its size, as only a ZIP bomb does",
                where=where,
                remedy="Do not load it; if it is genuine, unpack it by hand and load the folder.",
            )
    if len(infos) > limits.members:
        raise FeedError(f"holds more than {limits.members} files", where=name, remedy="Is this the right file?")


def _check_total(members: list[Member], name: str, limits: Limits) -> None:
    if sum(member.size for member in members) > limits.total_bytes:
        raise FeedError(
            f"unpacks to more than {limits.total_bytes // GIGABYTE} GB",
            where=name,
            remedy="Do not load it; if it is genuine, unpack it by hand and load the folder.",
        )


def _check_names(package: Package) -> None:
    names = [member.name for member in package.members]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise FeedError(f"holds two files named {doubled[0]}", where=package.name, remedy="Load them one by one.")


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in ZIP_STARTS


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_in(path: Path | str) -> list[Path]:
    """The files of a folder in the order of their names, where each is a delivery of its own; else the path itself."""
    place = Path(path)
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.iterdir() if file.is_file() and not file.name.startswith(".")) or [place]
