"""The models step by step, on every engine: edits, heart patch, hierarchies, interactions, counts, segments.

42 CFR 422.308(c); CMS macros V2823T2M, V2422P2M, E2118P1M. Scores were added up by hand from the factors.
"""

from __future__ import annotations

from openaco.engine import Engine
from risk_cases_table import check, scored


def test_what_other_engines_get_wrong(engine: Engine) -> None:
    """Hierarchies of four lines, the heart patch, reason 3, the new enrollee of 64, the triple code, V24 names."""
    check(
        engine,
        """
        model | year | age | sex | orec | segment | codes           | score | dropped
        ----- | ---- | --- | --- | ---- | ------- | --------------- | ----- | -------
        V28   | 2024 | 70  | M   | 0    | CNA     | Z941;I509       | 1.449 | HCC226 by HCC221
        V28   | 2024 | 70  | M   | 0    | CNA     | Z95811;I420     | 0.585 | HCC223 without a companion
        V28   | 2024 | 70  | M   | 0    | CNA     | Z95811          | 0.396 | HCC223 without a companion
        V28   | 2024 | 70  | M   | 0    | CNA     | Z95811;I509;I420 | 2.901 | HCC226 by HCC223; HCC227 by HCC223
        V24   | 2024 | 70  | F   | 3    | CNA     | E1169           | 0.688 |
        V24   | 2024 | 70  | F   | 1    | CNA     | E1169           | 0.938 |
        V28   | 2026 | 64  | M   | 0    | NE      |                 | 0.567 |
        V28   | 2026 | 64  | M   | 1    | NE      |                 | 1.057 |
        V24   | 2025 | 70  | M   | 0    | CNA     | E0852           | 2.184 |
        V24   | 2020 | 70  | M   | 0    | CNA     | E0852           | 2.184 | HCC108 by HCC106
        V24   | 2025 | 70  | M   | 0    | INS     | J690;L89154     | 2.811 |
        V24   | 2025 | 70  | M   | 0    | INS     | Z931;L89154     | 3.056 |
        """,
    )


def test_institutional_interactions_of_v24_have_their_factors(engine: Engine) -> None:
    rows = scored(
        engine,
        """
        model | year | age | sex | segment | codes
        ----- | ---- | --- | --- | ------- | -----------
        V24   | 2025 | 70  | M   | INS     | J690;L89154
        V24   | 2025 | 70  | M   | INS     | Z931;L89154
        """,
    )
    assert [row.as_row()["interactions"] for row in rows] == [
        "ASP_SPEC_B_PNEUM_PRES_ULC 0.472",
        "ART_OPENINGS_PRESS_ULCER 0.359",
    ]


def test_edits_look_at_age_and_sex(engine: Engine) -> None:
    """Both styles of tables: separate edits up to 2025, conditions in the mapping of 2026."""
    check(
        engine,
        """
        model | year | age | sex | orec | segment | codes  | score | standing
        ----- | ---- | --- | --- | ---- | ------- | ------ | ----- | --------
        V28   | 2024 | 49  | F   | 1    | CND     | C50011 | 0.706 | HCC22
        V28   | 2024 | 50  | F   | 1    | CND     | C50011 | 0.573 | HCC23
        V28   | 2026 | 49  | F   | 1    | CND     | C50011 | 0.706 | HCC22
        V28   | 2026 | 50  | F   | 1    | CND     | C50011 | 0.573 | HCC23
        V24   | 2024 | 70  | F   | 0    | CNA     | D66    | 0.578 | HCC48
        V24   | 2024 | 70  | M   | 0    | CNA     | D66    | 1.766 | HCC46
        V24   | 2025 | 17  | M   | 1    | CND     | J410   | 0.393 | HCC112
        V24   | 2025 | 18  | M   | 1    | CND     | J410   | 0.402 | HCC111
        V28   | 2024 | 17  | M   | 1    | CND     | J410   | 0.106 |
        V28   | 2024 | 18  | M   | 1    | CND     | J410   | 0.315 | HCC280
        V24   | 2025 | 5   | M   | 1    | CND     | F3481  | 0.156 |
        V24   | 2025 | 6   | M   | 1    | CND     | F3481  | 0.320 | HCC59
        V24   | 2025 | 18  | M   | 1    | CND     | F3481  | 0.320 | HCC59
        V24   | 2025 | 19  | M   | 1    | CND     | F3481  | 0.156 |
        """,
    )


def test_an_age_of_edits_may_differ_from_the_age_of_cells(engine: Engine) -> None:
    check(
        engine,
        """
        model | year | age | edit_age | sex | orec | segment | codes  | score | standing
        ----- | ---- | --- | -------- | --- | ---- | ------- | ------ | ----- | --------
        V28   | 2026 | 50  | 49       | F   | 1    | CND     | C50011 | 0.706 | HCC22
        V28   | 2026 | 50  |          | F   | 1    | CND     | C50011 | 0.573 | HCC23
        """,
    )


def test_every_parent_present_drops_its_children_even_if_dropped_itself(engine: Engine) -> None:
    """62 drops 63; 63 drops 202, although 62 does not."""
    row = scored(
        engine,
        """
        model | age | sex | segment | codes
        ----- | --- | --- | ------- | --------------
        V28   | 70  | M   | CNA     | Z944;K7290;G931
        """,
    )[0].as_row()
    assert row["dropped"] == "HCC63 by HCC62; HCC202 by HCC63"


def test_payment_categories_are_counted_after_hierarchies(engine: Engine) -> None:
    """Three count nothing, four the first in V24, ten and more alike; V22 counts none."""
    codes = ("A419", "B20", "E1169", "F200", "G20A1", "G35", "I509", "I4891", "J449", "K5000", "M069")
    counts = {3: "D3", 4: "D4", 9: "D9", 10: "D10P", 11: "D10P"}
    header = "model | year | age | sex | segment | codes\n--- | --- | --- | --- | --- | ---\n"
    lines = [f"V24 | 2025 | 70 | M | CNA | {';'.join(codes[:number])}" for number in counts]
    rows = scored(engine, header + "\n".join(lines))
    assert [row.as_row()["category_count"].split()[0] for row in rows] == list(counts.values())
    amounts = [float(row.factors["count"][0][1]) for row in rows]
    assert amounts == [0.0, 0.006, 0.258, 0.505, 0.505]
    without = scored(engine, header + f"V22 | 2026 | 70 | M | CNA | {';'.join(codes)}")[0]
    assert without.as_row()["category_count"] == ""


def test_originally_disabled_is_reason_1_and_no_longer_disabled(engine: Engine) -> None:
    check(
        engine,
        """
        model | age | sex | orec | segment | score | cell
        ----- | --- | --- | ---- | ------- | ----- | ------
        V28   | 70  | F   | 0    | CNA     | 0.395 | F70_74
        V28   | 70  | F   | 1    | CNA     | 0.623 | F70_74
        V28   | 70  | F   | 2    | CNA     | 0.395 | F70_74
        V28   | 70  | F   | 3    | CNA     | 0.395 | F70_74
        V28   | 64  | F   | 1    | CND     | 0.436 | F60_64
        V28   | 65  | F   | 1    | CNA     | 0.558 | F65_69
        """,
        codes="",
    )


def test_new_enrollees_have_cells_of_their_own(engine: Engine) -> None:
    check(
        engine,
        """
        model | age | sex | orec | dual | segment | score | cell
        ----- | --- | --- | ---- | ---- | ------- | ----- | ----------------------
        V28   | 63  | F   | 0    | 00   | NE      | 1.212 | NMCAID_NORIGDIS_NEF60_64
        V28   | 64  | F   | 0    | 00   | NE      | 0.532 | NMCAID_NORIGDIS_NEF65
        V28   | 64  | F   | 2    | 00   | NE      | 1.212 | NMCAID_NORIGDIS_NEF60_64
        V28   | 65  | F   | 1    | 01   | NE      | 1.599 | MCAID_ORIGDIS_NEF65
        V28   | 65  | F   | 3    | 08   | NE      | 0.986 | MCAID_NORIGDIS_NEF65
        V28   | 69  | M   | 0    | 00   | NE      | 0.684 | NMCAID_NORIGDIS_NEM69
        V28   | 99  | M   | 0    | 09   | SNPNE   | 2.142 | NMCAID_NORIGDIS_NEM95_GT
        """,
        codes="I509",
    )


def test_medicaid_counts_in_institutions_only(engine: Engine) -> None:
    check(
        engine,
        """
        model | age | sex | dual | segment | score
        ----- | --- | --- | ---- | ------- | -----
        V28   | 67  | F   | 01   | INS     | 1.318
        V28   | 67  | F   | 09   | INS     | 1.188
        V28   | 67  | F   | 01   | CPA     | 0.365
        """,
        codes="",
    )


def test_the_segment_follows_age_and_dual_status(engine: Engine) -> None:
    rows = scored(
        engine,
        """
        model | age | sex | orec | dual | lti | new_enrollee | snp
        ----- | --- | --- | ---- | ---- | --- | ------------ | ---
        V28   | 65  | M   | 0    | 00   | no  | no           |
        V28   | 64  | M   | 1    | 00   | no  | no           |
        V28   | 65  | M   | 0    | 02   | no  | no           |
        V28   | 64  | M   | 1    | 08   | no  | no           |
        V28   | 65  | M   | 0    | 03   | no  | no           |
        V28   | 64  | M   | 1    | 06   | no  | no           |
        V28   | 64  | M   | 1    | 06   | yes | no           |
        V28   | 70  | M   | 0    | 00   | no  | yes          | no
        V28   | 70  | M   | 0    | 00   | no  | yes          | yes
        V28   | 70  | M   | 0    | 00   | yes | yes          | no
        """,
        icd10cm="",
    )
    assert [row.segment for row in rows] == ["CNA", "CND", "CFA", "CFD", "CPA", "CPD", "INS", "NE", "SNPNE", "NE"]


def test_dialysis_transplant_and_graft(engine: Engine) -> None:
    """Duration add-ons 4–9 and 10+; the sum of a V24 graft new enrollee is divided by 0.905 or 0.698."""
    check(
        engine,
        """
        model    | age | sex | orec | dual | segment    | graft_months | score
        -------- | --- | --- | ---- | ---- | ---------- | ------------ | -----
        ESRD V24 | 61  | M   | 2    | 00   | DIAL       |              | 0.569
        ESRD V24 | 70  | M   | 2    | 02   | DIAL       |              | 0.696
        ESRD V24 | 61  | M   | 1    | 00   | GRAFT_NE   | 4            | 3.077
        ESRD V24 | 61  | M   | 1    | 00   | GRAFT_NE   | 9            | 3.077
        ESRD V24 | 61  | M   | 1    | 00   | GRAFT_NE   | 10           | 1.981
        ESRD V24 | 64  | F   | 0    | 00   | DIAL_NE    |              | 0.936
        ESRD V21 | 60  | F   | 1    | 02   | DIAL_NE    |              | 1.387
        ESRD V21 | 64  | F   | 0    | 00   | GRAFT_NE   | 4            | 3.082
        ESRD V21 | 70  | M   | 0    | 00   | GRAFT_COMM | 9            | 2.915
        ESRD V21 | 70  | M   | 0    | 00   | GRAFT_COMM | 10           | 1.474
        ESRD V24 | 70  | M   | 1    | 01   | GI         | 10           | 3.287
        ESRD V24 | 70  | M   | 0    | 00   | GNPA       | 4            | 2.887
        ESRD V24 | 70  | M   | 0    | 01   | GNPA       | 4            | 3.049
        ESRD V24 | 60  | F   | 1    | 02   | TRANSPLANT_KIDNEY_ONLY_1M |  | 5.985
        ESRD V24 | 60  | F   | 1    | 02   | TRANSPLANT_KIDNEY_ONLY_3M |  | 0.941
        """,
        codes="",
    )


def test_dialysis_status_itself_drops_nothing(engine: Engine) -> None:
    """CC134 is taken away before hierarchies (E2118P1M); renal categories have a factor of zero."""
    row = scored(
        engine,
        """
        model    | age | sex | segment | codes
        -------- | --- | --- | ------- | ----------
        ESRD V21 | 61  | M   | DIAL    | Z992;N184
        """,
        orec="2",
    )[0].as_row()
    assert "HCC134 without a companion" in row["dropped"]
    assert "HCC137 0.000" in row["categories"]


def test_drug_model(engine: Engine) -> None:
    rows = scored(
        engine,
        """
        model     | age | sex | orec | segment        | codes
        --------- | --- | --- | ---- | -------------- | -----
        RxHCC V08 | 70  | M   | 0    | CE_NonLow_Aged |
        RxHCC V08 | 66  | F   | 1    | CE_NonLow_Aged |
        RxHCC V08 | 60  | F   | 1    | CE_LTI         | B20
        """,
    )
    assert [str(row.raw_score) for row in rows[:2]] == ["0.144", "0.186"]
    assert rows[2].as_row()["interactions"] == "NONAGED_RXHCC1 2.770"
