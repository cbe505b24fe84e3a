"""The claim files of a chunk, CCLF1 to 7, A and B, as blocks of fixed-width lines in the order of deliveries."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes, lines
from openaco.synthetic.carrier import DENIAL_CODES, LINE_INDICATORS
from openaco.synthetic.chunk import Chunk, Family
from openaco.synthetic.diagnoses import DIAGNOSES
from openaco.synthetic.fixed_width import Records
from openaco.synthetic.identifiers import digits
from openaco.synthetic.shipments import expand
from openaco.synthetic.versions import CANCELLATION

Block = tuple[str, NDArray[np.uint8], NDArray[np.int32]]
"""File (1 to 9, A, B), its lines, and the delivery of each line, ascending."""

KIND_TEXT = np.array([b"0", b"1", b"2"], "S2")


def scaled(cents: NDArray[np.int64], percent: NDArray[np.int64]) -> NDArray[np.int64]:
    """A percentage of an amount, rounded to the cent."""
    return (cents * percent + 50) // 100


def claim_blocks(chunk: Chunk) -> Iterator[Block]:
    """All claim files of a chunk."""
    yield from _institutional(chunk)
    yield from _carrier(chunk)
    yield _equipment(chunk)
    yield _drugs(chunk)


class _Sent:
    """The rows of one file: which version each line shows, in which delivery, for whom."""

    def __init__(self, chunk: Chunk, family: Family, place: NDArray[np.integer] | None = None) -> None:
        shipments = family.shipments
        at = slice(None) if place is None else place
        self.version = shipments.version[at]
        self.delivery = shipments.delivery[at]
        self.again = shipments.again[at]
        self.claim = family.versions.claim[self.version]
        self.person = family.person[self.version]
        self.percent = family.versions.percent[self.version]
        self.family = family
        self.chunk = chunk

    def start(self, file: str) -> Records:
        """Lines of a file with the claim id and the person's identifier as of the delivery."""
        records = Records(file, len(self.version))
        records.whole("CUR_CLM_UNIQ_ID", self.family.claim_ids[self.version], fill=True)
        cuts = np.array([one.cut for one in self.chunk.timeline.deliveries])[self.delivery]
        changes = (self.chunk.people.changed[self.person] <= cuts[:, None]).sum(axis=1)
        records.text("BENE_MBI_ID", self.chunk.people.identifiers[self.person, changes])
        return records

    def dated(self, records: Records) -> None:
        """Adjustment code, effective and load date."""
        versions = self.family.versions
        records.text("CLM_ADJSMT_TYPE_CD", KIND_TEXT[versions.kind[self.version]])
        records.dates("CLM_EFCTV_DT", versions.effective[self.version])
        records.dates("CLM_IDR_LD_DT", versions.load[self.version])

    def control(self, state: NDArray[np.integer] | None = None) -> NDArray[np.bytes_]:
        """The claim's control number, the same for all its versions (or for one state of it)."""
        number = self.family.first_id // 10 + self.claim.astype(np.int64)
        if state is not None:
            number = number * 10 + state
        return number.astype("S20")


def _institutional(chunk: Chunk) -> Iterator[Block]:
    family, claims, details = chunk.families["institutional"], chunk.institutional, chunk.details
    sent = _Sent(chunk, family)
    yield "1", _headers(chunk, sent), sent.delivery
    parents = sent.claim
    for letter, count, writer in (
        ("2", details.line_count, _revenue_lines),
        ("3", details.procedure_count, _procedures),
        ("4", (details.diagnoses >= 0).sum(axis=1), _diagnoses),
        ("A", details.benefit_count, _benefits),
    ):
        first = np.cumsum(count) - count
        place, child = expand(parents, first, count)
        rows = _Sent(chunk, family, place)
        records = rows.start(f"CCLF{letter}")
        records.text("CLM_TYPE_CD", claims.type[rows.claim].astype("S2"))
        writer(chunk, rows, records, child, child - first[rows.claim])
        yield letter, records.bytes, rows.delivery


def _headers(chunk: Chunk, sent: _Sent) -> NDArray[np.uint8]:
    claims, details, versions = chunk.institutional, chunk.details, sent.family.versions
    claim, percent = sent.claim, sent.percent
    records = sent.start("CCLF1")
    sent.dated(records)
    records.text("CLM_TYPE_CD", claims.type[claim].astype("S2"))
    _facility(chunk, records, sent)
    records.text("CLM_BLG_PRVDR_OSCAR_NUM", chunk.certified.ccn[claims.provider[claim]])
    records.text("PRVDR_FAC_FIPS_ST_CD", chunk.certified.state[claims.provider[claim]])
    records.text("FAC_PRVDR_NPI_NUM", chunk.certified.npi[claims.provider[claim]])
    records.text("CLM_BLG_PRVDR_NPI_NUM", chunk.certified.npi[claims.provider[claim]])
    bill = np.ascontiguousarray(claims.bill[claim]).view("S1").reshape(-1, 3)
    for at, field in enumerate(("CLM_BILL_FAC_TYPE_CD", "CLM_BILL_CLSFCTN_CD", "CLM_BILL_FREQ_CD")):
        records.text(field, np.ascontiguousarray(bill[:, at]))
    records.text("PRNCPL_DGNS_CD", DIAGNOSES[details.diagnoses[claim, 0]])
    records.text("ADMTG_DGNS_CD", np.where(claims.type[claim] == 60, DIAGNOSES[details.diagnoses[claim, 0]], b""))
    reason = np.where(versions.denied[sent.version], 1, details.nonpayment[claim])
    records.text("CLM_MDCR_NPMT_RSN_CD", lines.NONPAYMENT[reason])
    records.money("CLM_PMT_AMT", net_institutional(chunk, sent.version))
    records.text("CLM_NCH_PRMRY_PYR_CD", np.where(details.payer[claim] > 0, b"A", b""))
    records.text("BENE_PTNT_STUS_CD", digits(claims.discharge[claim], 2))
    records.text("DGNS_DRG_CD", np.where(details.drg[claim] >= 0, lines.DRGS[details.drg[claim]], b""))
    npis = np.array([*chunk.land.npis, ""], "S10")
    for role in ("attending", "operating", "other"):
        short = {"attending": "ATNDG", "operating": "OPRTG", "other": "OTHR"}[role]
        found = npis[getattr(claims, role)[claim]]
        records.text(f"{short}_PRVDR_NPI_NUM", found)
        records.text(f"CLM_{short}_PRVDR_NPI_NUM", found)
    records.text("CLM_ADMSN_TYPE_CD", np.where(claims.type[claim] == 60, b"1", b""))
    records.text("CLM_ADMSN_SRC_CD", np.where(claims.type[claim] == 60, b"1", b""))
    records.text("CLM_QUERY_CD", np.array([b"3", b"0", b"5"])[versions.kind[sent.version]])
    records.text("DGNS_PRCDR_ICD_IND", b"0")
    records.money("CLM_MDCR_INSTNL_TOT_CHRG_AMT", scaled(claims.paid[claim], percent) * 2)
    records.money("CLM_MDCR_IP_PPS_CPTL_IME_AMT", scaled(details.capital_ime[claim], percent))
    records.money("CLM_OPRTNL_IME_AMT", scaled(details.operating_ime[claim], percent))
    records.money("CLM_MDCR_IP_PPS_DSPRPRTNT_AMT", scaled(details.capital_dsh[claim], percent))
    records.money("CLM_HIPPS_UNCOMPD_CARE_AMT", scaled(details.uncompensated[claim], percent))
    records.money("CLM_OPRTNL_DSPRPRTNT_AMT", scaled(details.operating_dsh[claim], percent))
    state = versions.state[sent.version]
    records.text("CLM_CNTL_NUM", sent.control(state))
    replaced = (state > 0) | (versions.kind[sent.version] == CANCELLATION)
    before = np.where(versions.kind[sent.version] == CANCELLATION, state, np.maximum(state - 1, 0))
    records.text("CLM_ORG_CNTL_NUM", np.where(replaced, sent.control(before), b""))
    records.text("CLM_CNTRCTR_NUM", b"14111")
    return records.bytes


def _facility(chunk: Chunk, records: Records, sent: _Sent) -> None:
    """The provider's number and the claim's dates, as all Part A files repeat them."""
    claims = chunk.institutional
    records.text("PRVDR_OSCAR_NUM", chunk.certified.ccn[claims.provider[sent.claim]])
    records.dates("CLM_FROM_DT", claims.start[sent.claim])
    records.dates("CLM_THRU_DT", sent.family.ends[sent.version])


def net_institutional(chunk: Chunk, version: NDArray[np.integer]) -> NDArray[np.int64]:
    """What Medicare paid on versions: without sequestration and population-based reductions."""
    versions = chunk.families["institutional"].versions
    claim, percent = versions.claim[version], versions.percent[version]
    parts = (chunk.institutional.paid, chunk.details.withheld, chunk.details.reduced)
    paid, withheld, reduced = (scaled(part[claim], percent) for part in parts)
    return paid - withheld - reduced


def _revenue_lines(
    chunk: Chunk, sent: _Sent, records: Records, child: NDArray[np.int64], nth: NDArray[np.int64]
) -> None:
    claims, details = chunk.institutional, chunk.details
    records.whole("CLM_LINE_NUM", nth + 1)
    for field in ("CLM_LINE_FROM_DT", "CLM_LINE_INSTNL_REV_CTR_DT"):
        records.dates(field, claims.start[sent.claim])
    records.dates("CLM_LINE_THRU_DT", claims.start[sent.claim])
    records.text("CLM_LINE_PROD_REV_CTR_CD", lines.REVENUE[details.line_revenue[child]])
    code = details.line_code[child]
    records.text("CLM_LINE_HCPCS_CD", np.where(code >= 0, codes.CODE_TEXT[code], b""))
    _facility(chunk, records, sent)
    records.quantity("CLM_LINE_SRVC_UNIT_QTY", np.ones(len(child), np.int64))
    records.money("CLM_LINE_CVRD_PD_AMT", _line_amounts(chunk, sent, child, nth))
    records.text("CLM_FAC_PRVDR_OSCAR_NUM", chunk.certified.ccn[claims.provider[sent.claim]])


def _line_amounts(chunk: Chunk, sent: _Sent, child: NDArray[np.int64], nth: NDArray[np.int64]) -> NDArray[np.int64]:
    """A line's share of the payment; where shares are whole the first line takes what rounding leaves."""
    details = chunk.details
    claim_of_line = np.repeat(np.arange(len(details.line_count)), details.line_count)
    totals = np.bincount(claim_of_line, details.line_share, len(details.line_count)).astype(np.int64)
    net = net_institutional(chunk, sent.version)
    share = details.line_share[child]
    others = net * (100 - share) // 100
    return np.where((nth == 0) & (totals[sent.claim] == 100), net - others, net * share // 100)


def _procedures(chunk: Chunk, sent: _Sent, records: Records, child: NDArray[np.int64], nth: NDArray[np.int64]) -> None:
    records.whole("CLM_VAL_SQNC_NUM", nth + 1)
    records.text("CLM_PRCDR_CD", lines.PROCEDURES[chunk.details.procedure[child]])
    records.dates("CLM_PRCDR_PRFRM_DT", chunk.institutional.start[sent.claim])
    _facility(chunk, records, sent)
    records.text("DGNS_PRCDR_ICD_IND", b"0")
    records.text("CLM_BLG_PRVDR_OSCAR_NUM", chunk.certified.ccn[chunk.institutional.provider[sent.claim]])


def _diagnoses(chunk: Chunk, sent: _Sent, records: Records, child: NDArray[np.int64], nth: NDArray[np.int64]) -> None:
    stated = chunk.details.diagnoses
    records.whole("CLM_VAL_SQNC_NUM", nth + 1)
    records.text("CLM_PROD_TYPE_CD", b"D")
    records.text("CLM_DGNS_CD", DIAGNOSES[stated[stated >= 0][child]])
    _facility(chunk, records, sent)
    records.text("CLM_POA_IND", b"Y")
    records.text("DGNS_PRCDR_ICD_IND", b"0")
    records.text("CLM_BLG_PRVDR_OSCAR_NUM", chunk.certified.ccn[chunk.institutional.provider[sent.claim]])


def _benefits(chunk: Chunk, sent: _Sent, records: Records, child: NDArray[np.int64], nth: NDArray[np.int64]) -> None:
    """One row for each related condition; every row repeats the amounts."""
    details = chunk.details
    reduced = scaled(details.reduced[sent.claim], sent.percent)
    records.dates("CLM_ACTV_CARE_FROM_DT", chunk.institutional.start[sent.claim])
    records.money("CLM_PBP_INCLSN_AMT", np.where(reduced > 0, net_institutional(chunk, sent.version) + reduced, 0))
    records.money("CLM_PBP_RDCTN_AMT", reduced)
    records.text("CLM_NGACO_PBPMT_SW", np.where(reduced > 0, b"Y", b"N"))
    records.text("CLM_DEMO_1ST_NUM", np.where(reduced > 0, b"74", b""))
    records.text("CLM_RLT_COND_CD", lines.RELATED[np.minimum(nth, 3)])
    records.money("CLM_SQSTRTN_RDCTN_AMT", scaled(details.withheld[sent.claim], sent.percent))


def _carrier(chunk: Chunk) -> Iterator[Block]:
    family, claims = chunk.families["carrier"], chunk.carrier
    count = np.bincount(claims.line_claim, minlength=len(claims.person))
    first = np.cumsum(count) - count
    place, line = expand(family.versions.claim[family.shipments.version], first, count)
    sent = _Sent(chunk, family, place)
    yield "5", _physician_lines(chunk, sent, line), sent.delivery
    cut = (claims.withheld[line] > 0) | (claims.reduced[line] > 0)
    yield "B", _physician_benefits(chunk, _Sent(chunk, family, place[cut]), line[cut]), sent.delivery[cut]


def net_carrier(chunk: Chunk, line: NDArray[np.integer], percent: NDArray[np.int64]) -> NDArray[np.int64]:
    """What Medicare paid on carrier lines, without the reductions."""
    claims = chunk.carrier
    paid, withheld, reduced = (scaled(part[line], percent) for part in (claims.paid, claims.withheld, claims.reduced))
    return paid - withheld - reduced


def _physician_lines(chunk: Chunk, sent: _Sent, line: NDArray[np.int64]) -> NDArray[np.uint8]:
    claims, land = chunk.carrier, chunk.land
    claim = sent.claim
    records = sent.start("CCLF5")
    sent.dated(records)
    records.whole("CLM_LINE_NUM", claims.line_number[line])
    records.text("CLM_TYPE_CD", b"71")
    started = claims.day.copy()
    np.minimum.at(started, claims.line_claim, claims.line_start)
    records.dates("CLM_FROM_DT", started[claim])
    records.dates("CLM_THRU_DT", claims.day[claim])
    records.dates("CLM_LINE_FROM_DT", claims.line_start[line])
    records.dates("CLM_LINE_THRU_DT", claims.line_day[line])
    records.text("RNDRG_PRVDR_TYPE_CD", b"1")
    records.text("RNDRG_PRVDR_FIPS_ST_CD", b"25")
    records.text("CLM_PRVDR_SPCLTY_CD", np.array(land.specialties, "S2")[claims.clinician[claim]])
    records.text("CLM_FED_TYPE_SRVC_CD", b"1")
    records.text("CLM_POS_CD", b"11")
    records.text("CLM_LINE_HCPCS_CD", codes.CODE_TEXT[claims.line_code[line]])
    records.money("CLM_LINE_CVRD_PD_AMT", net_carrier(chunk, line, sent.percent))
    records.text("CLM_LINE_PRMRY_PYR_CD", np.where(claims.payer[claim] > 0, b"A", b""))
    records.text("CLM_LINE_DGNS_CD", DIAGNOSES[claims.diagnosis[claim, 0]])
    records.text("CLM_RNDRG_PRVDR_TAX_NUM", np.array([one.tin for one in land.entities], "S9")[claims.entity[claim]])
    npis = np.array(land.npis, "S10")[claims.clinician[claim]]
    records.text("RNDRG_PRVDR_NPI_NUM", npis)
    records.text("CLM_RNDRG_PRVDR_NPI_NUM", npis)
    denial = np.where(sent.family.versions.denied[sent.version], 1, claims.denial[claim])
    records.text("CLM_CARR_PMT_DNL_CD", DENIAL_CODES[denial])
    records.text("CLM_PRCSG_IND_CD", LINE_INDICATORS[claims.indicator[line]])
    records.text("CLM_CNTL_NUM", sent.control())
    records.money("CLM_LINE_ALOWD_CHRG_AMT", scaled(claims.allowed[line], sent.percent))
    records.quantity("CLM_LINE_SRVC_UNIT_QTY", np.ones(len(line), np.int64))
    cancels = sent.family.versions.kind[sent.version] == CANCELLATION
    records.text("CLM_DISP_CD", np.where(cancels, b"03", b"01"))
    for at in range(claims.diagnosis.shape[1]):
        code = claims.diagnosis[claim, at]
        records.text(f"CLM_DGNS_{at + 1}_CD", np.where(code >= 0, DIAGNOSES[code], b""))
    records.text("DGNS_PRCDR_ICD_IND", b"0")
    records.text("HCPCS_BETOS_CD", np.where(sent.again, b"", b"M1B"))
    records.text("CLM_CNTRCTR_NUM", b"14112")
    return records.bytes


def _physician_benefits(chunk: Chunk, sent: _Sent, line: NDArray[np.int64]) -> NDArray[np.uint8]:
    claims = chunk.carrier
    records = sent.start("CCLFB")
    records.whole("CLM_LINE_NUM", claims.line_number[line])
    records.text("CLM_TYPE_CD", b"71")
    reduced = scaled(claims.reduced[line], sent.percent)
    records.text("CLM_LINE_NGACO_PBPMT_SW", np.where(reduced > 0, b"Y", b"N"))
    records.text("CLM_DEMO_1ST_NUM", np.where(reduced > 0, b"74", b""))
    records.money("CLM_PBP_INCLSN_AMT", np.where(reduced > 0, net_carrier(chunk, line, sent.percent) + reduced, 0))
    records.money("CLM_PBP_RDCTN_AMT", reduced)
    records.money("CLM_SQSTRTN_RDCTN_AMT", scaled(claims.withheld[line], sent.percent))
    return records.bytes


def _equipment(chunk: Chunk) -> Block:
    family, claims = chunk.families["equipment"], chunk.equipment
    count = np.bincount(claims.line_claim, minlength=len(claims.person))
    place, line = expand(family.versions.claim[family.shipments.version], np.cumsum(count) - count, count)
    sent = _Sent(chunk, family, place)
    claim = sent.claim
    records = sent.start("CCLF6")
    sent.dated(records)
    records.whole("CLM_LINE_NUM", claims.line_number[line])
    records.text("CLM_TYPE_CD", np.where(claims.supplier[claim] == 7, b"81", b"82"))
    for field in ("CLM_FROM_DT", "CLM_THRU_DT", "CLM_LINE_FROM_DT", "CLM_LINE_THRU_DT"):
        records.dates(field, claims.day[claim])
    records.text("CLM_POS_CD", b"12")
    records.text("CLM_LINE_HCPCS_CD", codes.CODE_TEXT[claims.line_code[line]])
    records.money("CLM_LINE_CVRD_PD_AMT", scaled(claims.paid[line], sent.percent))
    suppliers = np.array([f"9900000{960 + at}" for at in range(8)], "S10")[claims.supplier[claim]]
    records.text("PAYTO_PRVDR_NPI_NUM", suppliers)
    records.text("CLM_BLG_PRVDR_NPI_NUM", suppliers)
    denial = np.where(family.versions.denied[sent.version], 1, claims.denial[claim])
    records.text("CLM_CARR_PMT_DNL_CD", DENIAL_CODES[denial])
    records.text("CLM_PRCSG_IND_CD", LINE_INDICATORS[claims.indicator[line]])
    records.text("CLM_CNTL_NUM", sent.control())
    records.money("CLM_LINE_ALOWD_CHRG_AMT", scaled(claims.allowed[line], sent.percent))
    cancels = family.versions.kind[sent.version] == CANCELLATION
    records.text("CLM_DISP_CD", np.where(cancels, b"03", b"01"))
    return "6", records.bytes, sent.delivery


def _drugs(chunk: Chunk) -> Block:
    family, drugs = chunk.families["drugs"], chunk.drugs
    sent = _Sent(chunk, family)
    claim = sent.claim
    cancels = family.versions.kind[sent.version] == CANCELLATION
    records = sent.start("CCLF7")
    sent.dated(records)
    ndc = np.char.add(b"9999000", digits(drugs.drug[claim], 4))
    records.text("CLM_LINE_NDC_CD", np.where(cancels, b"", ndc))
    records.text("CLM_TYPE_CD", np.array([b"01", b"03", b"02"])[family.versions.kind[sent.version]])
    records.dates("CLM_LINE_FROM_DT", drugs.day[claim])
    records.text("PRVDR_SRVC_ID_QLFYR_CD", b"01")
    records.text(
        "CLM_SRVC_PRVDR_GNRC_ID_NUM", np.array([f"99000009{at:02d}" for at in range(20)], "S20")[drugs.pharmacy[claim]]
    )
    records.text("CLM_DSPNSNG_STUS_CD", b"C")
    records.text("CLM_DAW_PROD_SLCTN_CD", b"0")
    records.quantity("CLM_LINE_SRVC_UNIT_QTY", np.full(len(claim), 30))
    records.whole("CLM_LINE_DAYS_SUPLY_QTY", np.full(len(claim), 30))
    records.text("PRVDR_PRSBNG_ID_QLFYR_CD", b"01")
    records.text("CLM_PRSBNG_PRVDR_GNRC_ID_NUM", chunk.land.npis[0].encode())
    records.money("CLM_LINE_BENE_PMT_AMT", np.where(cancels, 0, scaled(drugs.paid[claim], sent.percent)))
    records.whole("CLM_LINE_RX_SRVC_RFRNC_NUM", family.first_id % 10**11 + claim, fill=True)
    records.text("CLM_LINE_RX_FILL_NUM", drugs.fill[claim].astype("S2"))
    records.text("CLM_PHRMCY_SRVC_TYPE_CD", b"01")
    return "7", records.bytes, sent.delivery
