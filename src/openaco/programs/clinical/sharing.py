"""Whose claims may be looked at: people who declined data sharing, or whom CMS excludes, are left out of claims.

42 CFR 425.708: beneficiaries may decline that their claims are shared with the ACO. CMS then sends no new claims;
those that came before are in the lake still, and are not used either. Clinical data of the ACO's own record systems
are not concerned.
"""

from __future__ import annotations

from openaco.engine import Engine, Lake, Table, _, coalesce, literal, pick_first, stack
from openaco.rules.claims import with_person
from openaco.tables import BeneficiaryExclusion, DataSharingPreference

DECLINED, EXCLUDED = "declined data sharing", "excluded by CMS"


def not_shared(engine: Engine, lake: Lake, identities: Table) -> Table:
    """People whose claims are not used: `person_id`, `reason`, one row a person.

    The newest stated preference of a person counts; of CMS's exclusions the newest delivery.
    """
    stated = with_person(lake.read(engine, DataSharingPreference), identities).filter(_.shares_claims.notnull())
    order = [_.delivery_id.desc(), _.effective_date.desc(), _.source_file.asc(), _.source_line.asc()]
    declined = pick_first(stated, "person_id", order).filter(~_.shares_claims)
    excluded = with_person(lake.read(engine, BeneficiaryExclusion, deliveries="latest"), identities)
    both = stack(
        [
            declined.select("person_id", reason=literal(DECLINED)),
            excluded.select("person_id", reason=literal(EXCLUDED)),
        ]
    )
    return both.group_by("person_id").agg(reason=coalesce(_.reason.min(), literal(EXCLUDED)))
