"""Feeds rule R2: every identifier leads to the person's current one (CCLF packet v38, 3.1 and 5.1.1)."""

from __future__ import annotations

from openaco.engine import Engine
from openaco.rules.claims import current_mbi, with_person
from openaco.tables import InstitutionalClaim, MbiCrosswalk
from spec_tables import table_of


def people(engine: Engine, text: str) -> dict[str, str]:
    crosswalk = table_of(engine, MbiCrosswalk, text, crosswalk_type_code="M")
    rows = engine.to_rows(current_mbi(crosswalk, checkpoint=engine.checkpoint))
    found = {row["mbi"]: row["person_id"] for row in rows}
    assert len(found) == len(rows)
    return found


def test_chains_newest_statements_and_loops(engine: Engine) -> None:
    """One table of every case; the letters of a case do not occur in another."""
    found = people(
        engine,
        """
        delivery_id | previous_mbi | current_mbi | crosswalk_type_code
        ----------- | ------------ | ----------- | -------------------
        d1          | A1           | A2          | M
        d3          | A2           | A3          | M
        d1          | A3           | A4          | M
        d1          | B1           | B2          |
        d2          | B1           | B3          |
        d1          | C1           | C1          | M
        d1          | H1           | H2          | H
        d1          | L1           | L2          | M
        d5          | L2           | L1          | M
        d2          | L0           | L1          | M
        d1          | P1           | P2          | M
        d1          | P2           | P3          | M
        d1          | P3           | P1          | M
        """,
    )
    assert found == {
        "A1": "A4",  # a chain of three, stated out of order
        "A2": "A4",
        "A3": "A4",
        "B1": "B3",  # the newest delivery's row counts
        "L1": "L1",  # a loop: the newest statement in it says L1
        "L2": "L1",
        "L0": "L1",  # a chain that ends in a loop
        "P1": "P1",  # a loop within one delivery: one answer for all three
        "P2": "P1",
        "P3": "P1",
    }


def test_two_rows_of_one_delivery_give_one_answer(engine: Engine) -> None:
    text = """
        delivery_id | previous_mbi | current_mbi
        ----------- | ------------ | -----------
        d1          | A1           | A3
        d1          | A1           | A2
        """
    assert people(engine, text) == {"A1": "A2"}


def test_a_long_chain_is_followed_to_its_end(duckdb_engine: Engine) -> None:
    steps = "\n".join(f"d1 | M{number:02} | M{number + 1:02}" for number in range(60))
    found = people(duckdb_engine, f"delivery_id | previous_mbi | current_mbi\n--- | --- | ---\n{steps}")
    assert set(found.values()) == {"M60"}
    assert len(found) == 60


def test_an_identifier_never_replaced_is_its_own_person(engine: Engine) -> None:
    crosswalk = table_of(
        engine,
        MbiCrosswalk,
        """
        previous_mbi | current_mbi
        ------------ | -----------
        A1           | A2
        """,
    )
    claims = table_of(
        engine,
        InstitutionalClaim,
        """
        claim_id | mbi
        -------- | ---
        1        | A1
        2        | A2
        3        | Z9
        """,
    )
    rows = engine.to_rows(with_person(claims, current_mbi(crosswalk)))
    assert {row["claim_id"]: row["person_id"] for row in rows} == {"1": "A2", "2": "A2", "3": "Z9"}
