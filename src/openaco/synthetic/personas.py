"""The odd cases. Every 250th person, beginning with a persona's number, lives one; everybody else is ordinary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CYCLE = 250
PERSONAS = (
    "ordinary",
    "tie_broken_by_latest_primary_visit_here",
    "tie_broken_by_latest_primary_visit_elsewhere",
    "tie_broken_by_latest_specialist_visit",
    "tie_on_the_same_days",
    "specialists_only",
    "specialists_only_tie",
    "nurse_practitioner_after_physician",
    "nurse_practitioner_alone",
    "practice_in_two_acos",
    "nursing_home_during_stay",
    "nursing_home_resident",
    "fqhc",
    "rhc",
    "method_ii_cah",
    "eta_hospital",
    "unlisted_specialists_only",
    "opted_out",
    "esrd",
    "disabled",
    "medicare_advantage",
    "part_a_only",
    "part_b_only",
    "abroad_at_the_end",
    "abroad_in_between",
    "puerto_rico",
    "dies_in_performance_year",
    "dies_in_benchmark_year",
    "mbi_changed",
    "mbi_changed_twice",
    "mbi_changed_with_hicn",
    "voluntary_here",
    "voluntary_here_too_late",
    "voluntary_other_aco",
    "voluntary_no_aco",
    "voluntary_ended",
    "voluntary_changed",
    "voluntary_here_in_medicare_advantage",
    "dual_01",
    "dual_02",
    "dual_03",
    "dual_04",
    "dual_05",
    "dual_06",
    "dual_07",
    "dual_08",
    "hospice",
    "new_codes_only",
    "no_charge_visits",
    "denied_visits",
    "cancelled_visits",
    "care_planning_in_hospital",
    "visits_loaded_after_run_out",
    "turns_65",
    "dual_for_part_of_the_year",
    "esrd_until_transplant",
    "new_to_medicare",
    "other_payer_first",
    "nonmedical_institution",
    "opted_out_later",
    "three_way_split",
    "never_seen_here",
    "boundary_days",
    "stay_over_new_year",
    "clinic_over_new_year",
    "money_taken_back",
)
NUMBER = {name: at for at, name in enumerate(PERSONAS)}


def personas_of(indices: NDArray[np.integer]) -> NDArray[np.int32]:
    """The persona of each person, by the person's place in the whole population."""
    place = indices % CYCLE
    return np.where(place < len(PERSONAS), place, 0).astype(np.int32)
