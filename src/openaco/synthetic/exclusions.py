"""Who does not share claims: CMS's exclusion file (BNEX, XML) and the 1-800-MEDICARE preference file."""

from __future__ import annotations

import datetime
from xml.sax.saxutils import escape

import numpy as np

from openaco.synthetic.cclf_people import family_names, given_names, streets
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import NEVER, date_of, day
from openaco.synthetic.geography import COUNTIES
from openaco.synthetic.timeline import ACO_ID, Timeline

LENGTH = 459


def sent_on(timeline: Timeline) -> datetime.date:
    """Both files come with the last claims."""
    return timeline.deliveries[-1].sent


def exclusion_name(timeline: Timeline) -> str:
    """The name of the BNEX file."""
    return f"P.{ACO_ID}.BNEX.Y{sent_on(timeline):%y}.D{sent_on(timeline):%y%m%d}.T1200000.xml"


def preference_name(timeline: Timeline) -> str:
    """The name of the preference file."""
    return f"P#EFT.ON.ACO.NGD1800.DPRF.D{sent_on(timeline):%y%m%d}.T1200000"


def excluded(chunk: Chunk) -> list[str]:
    """A record of each person who opted out."""
    people = chunk.people
    which = np.flatnonzero(people.opted_out < NEVER).tolist()
    first, last = given_names(chunk), family_names(chunk)
    return [
        "<Beneficiary>"
        f"<MBI>{people.current[at].decode()}</MBI><HICN></HICN>"
        f"<FirstName>{escape(first[at].decode())}</FirstName><MiddleName></MiddleName>"
        f"<LastName>{escape(last[at].decode())}</LastName>"
        f"<DOB>{date_of(people.birth[at]):%Y%m%d}</DOB><Gender>{people.sex[at]}</Gender>"
        f"<BeneExcReasons><BeneExcReason>{'BD' if at % 2 else 'PC'}</BeneExcReason></BeneExcReasons>"
        "</Beneficiary>"
        for at in which
    ]


def exclusion_file(timeline: Timeline, records: list[str]) -> str:
    """The whole BNEX file."""
    sent = sent_on(timeline)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<PFDCACOBeneData>",
            "<Header><HeaderCode>HDR_BNEXC</HeaderCode>"
            f"<FileCreationDate>{sent:%Y%m%d}</FileCreationDate>"
            f"<PerformanceYear>{sent.year}</PerformanceYear><ReportMonth>{sent:%m}</ReportMonth></Header>",
            "<Beneficiarys>",
            *records,
            "</Beneficiarys>",
            "<Trailer><TrailerCode>TRL_BNEXC</TrailerCode>"
            f"<FileCreationDate>{sent:%Y%m%d}</FileCreationDate><RecordCount>{len(records)}</RecordCount></Trailer>",
            "</PFDCACOBeneData>",
            "",
        ]
    )


def preferences(chunk: Chunk) -> list[str]:
    """A line of each person who stated a preference: those who opted out, and some who said yes."""
    people = chunk.people
    said_yes = people.indices % 100 == 99
    first, last, street = given_names(chunk), family_names(chunk), streets(chunk)
    found = []
    for at in np.flatnonzero(said_yes | (people.opted_out < NEVER)).tolist():
        county = COUNTIES[int(chunk.months.county[at, -1])]
        line = [" "] * LENGTH
        since = date_of(max(int(people.opted_out[at]), day(2019, 7))) if not said_yes[at] else date_of(day(2019, 7))
        for start, value in (
            (0, people.current[at].decode()),
            (11, f"{people.first + at:010d}"),
            (21, first[at].decode()),
            (81, last[at].decode()),
            (121, f"{date_of(people.birth[at]):%Y%m%d}"),
            (129, street[at].decode()),
            (354, f"{since:%Y%m%d}"),
            (362, "1-800"),
            (367, "T"),
            (368, "Y" if said_yes[at] else "N"),
            (369, f"{since:%Y%m%d}"),
            (377, "1-800"),
            (382, "T"),
            (383, "N"),
            (384, ACO_ID),
            (289, county.city),
        ):
            line[start : start + len(value)] = value
        found.append("".join(line))
    return found


def preference_file(timeline: Timeline, lines: list[str]) -> str:
    """The whole preference file."""
    sent = sent_on(timeline)
    return "\n".join([f"HDR_BENEDATASHR{sent:%Y%m%d}", *lines, f"TRL_BENEDATASHR{sent:%Y%m%d}{len(lines):<10}", ""])
