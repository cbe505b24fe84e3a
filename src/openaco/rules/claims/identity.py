"""Who a claim belongs to: every Medicare Beneficiary Identifier (MBI) leads to the person's current one.

Source: CCLF Information Packet v38, sections 3.1 and 5.1.1 (feeds rule R2).
"""

from __future__ import annotations

from openaco.engine import Checkpoint, Table, _, coalesce, greatest, ifelse, lazily, literal, pick_first

DOUBLINGS = 6


def current_mbi(mbi_crosswalk: Table, *, checkpoint: Checkpoint = lazily) -> Table:
    """Every replaced identifier with the identifier it leads to in the end.

    Grain: one replaced MBI; columns `mbi`, `person_id`. Identifiers that were never replaced have no row.
    The newest delivery's row counts for each previous identifier; chains are followed to their end (64 steps);
    in a loop the newest statement of the loop holds for all of it. HICN rows are ignored: no claim carries one.
    Source: CCLF Information Packet v38, sections 3.1 and 5.1.1.
    """
    statements = checkpoint(_newest_statements(mbi_crosswalk))
    paths = statements.select("mbi", reached=_.next_mbi, newest=_.statement)
    for _doubling in range(DOUBLINGS):
        paths = checkpoint(_twice_as_far(paths))
    return checkpoint(_settle_loops(paths, statements))


def with_person(table: Table, identities: Table) -> Table:
    """The table with `person_id`: the identifier that `mbi` leads to, or `mbi` itself if it was never replaced.

    identities: what `current_mbi` returned. Packet v38, 5.1.1.
    """
    known = identities.select(known_mbi=_.mbi, known_person=_.person_id)
    joined = table.left_join(known, [("mbi", "known_mbi")])
    return joined.mutate(person_id=coalesce(_.known_person, _.mbi)).drop("known_mbi", "known_person")


def _newest_statements(mbi_crosswalk: Table) -> Table:
    """One row per previous MBI: where it leads, and a label by which statements sort from old to new."""
    changes = mbi_crosswalk.filter(
        coalesce(_.crosswalk_type_code, literal("M")) != "H",
        _.previous_mbi.notnull(),
        _.previous_mbi != _.current_mbi,
    )
    order = [_.delivery_id.desc(), _.current_mbi.asc(), _.source_file.asc(), _.source_line.asc()]
    newest = pick_first(changes, "previous_mbi", order)
    return newest.select(
        mbi=_.previous_mbi, next_mbi=_.current_mbi, statement=_.delivery_id.concat("|", _.previous_mbi)
    )


def _twice_as_far(paths: Table) -> Table:
    """Pointer doubling: go on from where each path ends by the path that begins there."""
    onward = paths.select(start=_.mbi, onward_reached=_.reached, onward_newest=_.newest)
    joined = paths.left_join(onward, [("reached", "start")])
    further = joined.mutate(
        reached=coalesce(_.onward_reached, _.reached),
        newest=greatest(_.newest, coalesce(_.onward_newest, _.newest)),
    )
    return further.select("mbi", "reached", "newest")


def _settle_loops(paths: Table, statements: Table) -> Table:
    """Where a path never ends it runs in a loop: the newest statement within the loop names the person."""
    loops = paths.select(loop=_.mbi, loop_newest=_.newest)
    named = statements.select(named_by=_.statement, loop_person=_.next_mbi)
    joined = paths.left_join(loops, [("reached", "loop")])
    joined = joined.left_join(named, [("loop_newest", "named_by")])
    settled = joined.mutate(person_id=ifelse(_.loop.isnull(), _.reached, _.loop_person))
    return settled.select("mbi", "person_id")
