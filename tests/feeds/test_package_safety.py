"""What arrives is opened with care: bombs, climbing names, damage, nesting."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from openaco.errors import FeedError
from openaco.feeds.package import Limits, Package, open_package


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return path


def contents(package: Package) -> dict[str, bytes]:
    found = {}
    for member in package.members:
        with member.open() as stream:
            found[member.name] = stream.read()
    return found


def test_a_file_a_folder_and_a_zip_look_alike(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"one")
    (folder / ".hidden").write_bytes(b"x")
    for place in (folder, folder / "a.txt", zipped(tmp_path / "any.name", a__txt=b"one")):
        with open_package(place) as package:
            assert contents(package) == {"a.txt": b"one"}
            assert package.size == 3


def test_the_hash_is_the_one_sha256sum_gives(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a=b"one")
    with open_package(path) as package:
        assert package.content_hash() == hashlib.sha256(path.read_bytes()).hexdigest()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b").write_bytes(b"two")
    (folder / "a").write_bytes(b"one")
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in (("a", b"one"), ("b", b"two")))
    with open_package(folder) as package:
        assert package.content_hash() == hashlib.sha256(lines.encode()).hexdigest()


def test_a_zip_within_a_zip_is_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner", a=b"one").read_bytes()
    with open_package(zipped(tmp_path / "outer", without_ending=inner)) as package:
        assert contents(package) == {"a": b"one"}


def test_nesting_has_an_end(tmp_path: Path) -> None:
    data = b"one"
    for _ in range(4):
        data = zipped(tmp_path / "layer", layer=data).read_bytes()
    with pytest.raises(FeedError, match="nested too deep"):
        open_package(tmp_path / "layer")


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", zeros=b"\0" * 30_000_000)
    with pytest.raises(FeedError, match="ZIP bomb"):
        open_package(path)


def test_limits_on_members_and_bytes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", **{f"f{number}": b"x" * 1000 for number in range(5)})
    with pytest.raises(FeedError, match="more than 4 files"):
        open_package(path, limits=Limits(members=4))
    with pytest.raises(FeedError, match="unpacks to more than"):
        open_package(path, limits=Limits(total_bytes=4_000))


def test_a_member_that_lies_about_its_size_is_damage(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", a=b"x" * 5_000)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(FeedError, match="damaged"), open_package(path) as package:
        contents(package)


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../b", "C:\\x", "..\\up"])
def test_names_that_climb_out_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "climb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(FeedError, match="outside itself"):
        open_package(path)


def test_links_and_encryption_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, b"/etc/passwd")
    with pytest.raises(FeedError, match="holds a link"):
        open_package(tmp_path / "link.zip")
    path = zipped(tmp_path / "locked.zip", a=b"secret")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(FeedError, match="encrypted"):
        open_package(path)


@pytest.mark.parametrize("cut", [0.5, 0.9, 0.99])
def test_a_download_that_broke_off_is_damage(tmp_path: Path, cut: float) -> None:
    path = zipped(tmp_path / "cut.zip", a=bytes(range(256)) * 50)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    with pytest.raises(FeedError, match="damaged"):
        open_package(path)


def test_a_changed_byte_is_damage(tmp_path: Path) -> None:
    path = zipped(tmp_path / "changed.zip", a=bytes(range(256)) * 50)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FeedError, match="damaged"), open_package(path) as package:
        contents(package)


def test_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "hollow").mkdir()
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    (tmp_path / "void.zip").write_bytes(buffer.getvalue())
    for name in ("empty", "hollow", "void.zip"):
        with pytest.raises(FeedError, match="nothing in it"):
            open_package(tmp_path / name)
    with pytest.raises(FeedError, match="no such file"):
        open_package(tmp_path / "absent")


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/a", b"1")
        archive.writestr("y/a", b"2")
    with pytest.raises(FeedError, match="two files named a"):
        open_package(path)


def test_text_names_the_line_of_a_bad_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo \xff\n")
    with open_package(tmp_path / "a") as package, pytest.raises(FeedError, match="line 2 holds a byte"):
        package.members[0].text()
