"""How names, dates and addresses are spelled for comparison, and when two of them contradict each other."""

from __future__ import annotations

import datetime
import re
import unicodedata

_SUFFIXES = {"JR", "SR", "II", "III", "IV", "V", "MD"}
_WAYS = {
    "STREET": "ST",
    "AVENUE": "AVE",
    "ROAD": "RD",
    "DRIVE": "DR",
    "LANE": "LN",
    "COURT": "CT",
    "BOULEVARD": "BLVD",
    "PLACE": "PL",
    "TERRACE": "TER",
    "HIGHWAY": "HWY",
    "APARTMENT": "APT",
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
}


def name(text: str | None) -> str | None:
    """A name in capital letters, without accents, blanks, hyphens and suffixes such as Jr."""
    words = re.sub(r"[^A-Z ]", " ", _plain(text).replace("'", "")).split()
    kept = [word for word in words if word not in _SUFFIXES] or words
    return "".join(kept) or None


def address(text: str | None) -> str | None:
    """The first line of an address with the usual abbreviations, without punctuation."""
    words = re.sub(r"[^A-Z0-9 ]", " ", _plain(text)).split()
    return " ".join(_WAYS.get(word, word) for word in words) or None


def zip_code(text: str | None) -> str | None:
    """The first five digits of a ZIP code."""
    found = re.match(r"\d{5}", text or "")
    return found[0] if found else None


def _plain(text: str | None) -> str:
    folded = unicodedata.normalize("NFKD", text or "")
    return "".join(letter for letter in folded if not unicodedata.combining(letter)).upper()


def one_slip(one: str, other: str) -> bool:
    """Whether two texts are the same but for one letter wrong, missing or too many, or two neighbors exchanged."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return True
    if len(one) == len(other):
        exchanged = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
        return exchanged or one[at + 1 :] == other[at + 1 :]
    shorter, longer = sorted((one, other), key=len)
    return shorter[at:] == longer[at + 1 :]


def dates_agree(one: datetime.date | None, other: datetime.date | None) -> bool:
    """Whether two birth dates may be one: equal, one slip away, day and month exchanged, or one not stated."""
    if one is None or other is None:
        return True
    exchanged = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return exchanged or one_slip(one.isoformat(), other.isoformat())


def similarity(one: str, other: str) -> float:
    """The Jaro-Winkler similarity of two texts, from 0 to 1 (W. Winkler, 1990)."""
    jaro = _jaro(one, other)
    prefix = 0
    for left, right in zip(one[:4], other[:4], strict=False):
        if left != right:
            break
        prefix += 1
    return jaro + prefix * 0.1 * (1 - jaro)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    reach = max(len(one), len(other)) // 2 - 1
    taken = [False] * len(other)
    matched = []
    for place, letter in enumerate(one):
        for at in range(max(0, place - reach), min(len(other), place + reach + 1)):
            if not taken[at] and other[at] == letter:
                taken[at] = True
                matched.append(letter)
                break
    if not matched:
        return 0.0
    again = [letter for letter, used in zip(other, taken, strict=True) if used]
    moved = sum(left != right for left, right in zip(matched, again, strict=True)) / 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - moved) / count) / 3


def names_unlike(one: str | None, other: str | None, limit: float) -> bool:
    """Whether two first names can hardly be one: both stated, no initial of the other, and similarity below a limit."""
    if not one or not other:
        return False
    if min(len(one), len(other)) == 1:
        return one[0] != other[0]
    return similarity(one, other) < limit
