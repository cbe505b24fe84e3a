"""What arrived, and what of it could not be read."""

from openaco.tables.base import Column, Delivered, LakeTable


class Delivery(LakeTable):
    """A delivery that was accepted as a whole. Rows of other tables exist only if their delivery stands here."""

    name = "delivery"
    grain = "one accepted delivery"
    key = ("delivery_id",)

    delivery_id = Column("text", "`<feed>-<yyyymmddThhmmsst>-<first 8 of the hash>`; sorts in order", required=True)
    feed = Column(
        "text",
        "cclf, alr, bnex, preference, tuva, rif, roster, negotiated_rates, market_rates, fhir, evidence, crosswalk, "
        "matches or cahps",
        required=True,
    )
    file_name = Column("text", "Name of the ZIP, folder or file as received", required=True)
    content_hash = Column("text", "SHA-256 of the file as received; of a folder, over its files", required=True)
    delivered_on = Column("date", "Date in the file's name; where it has none, the day of the newest file")
    coverage = Column(
        "text",
        "CCLF: regular, run-out, weekly or attribution, with ` incomplete` where a file of the release set is missing; "
        "ALR: report period; FHIR: record system",
    )
    performance_year = Column("whole", "Year the delivery belongs to, where it says")
    row_count = Column("whole", "Rows stored, all tables together", required=True)
    quarantined_count = Column("whole", "Lines put into quarantine", required=True)


class Quarantine(Delivered):
    """A line that could not be read, with the reason."""

    name = "quarantine"
    grain = "one line that could not be stored"
    key = ("delivery_id", "source_file", "source_line")

    reason = Column("text", "What is wrong, naming the field, never its value", required=True)
    content = Column("text", "The line as received (undecodable bytes escaped)", required=True)
