"""Invented results files in the shapes that CMS's had over the years. No figure in them is of a real ACO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LATEST = {
    "ACO_ID": "A9001",
    "ACO_Name": "Example Valley ACO",
    "Agree_Type": "Initial",
    "Current_Start_Date": "1/1/2022",
    "Current_Track": "B",
    "Risk_Model": "One-Sided",
    "N_AB": "10000",
    "Sav_rate": "5.00%",
    "MinSavPerc": "3.00%",
    "BnchmkMinExp": "5000000",
    "GenSaveLoss": "5000000",
    "DisAdj": "",
    "EarnSaveLoss": "1960000",
    "Met_QPS": "1",
    "Met_30pctl": "1",
    "QualScore": "85.00%",
    "ABtotBnchmk": "100000000",
    "ABtotExp": "95000000",
    "FinalShareRate": "40.00%",
    "Rev_Exp_Cat": "Low Revenue",
}
"""One-sided BASIC B of 2022: 5 percent savings against a minimum of 3 percent; 40 percent less sequestration."""

YEAR_2014 = {
    "ACO_Num": "A90001",
    "ACO_NAME": "Example Valley ACO",
    "Start_Date": "01/01/2013",
    "Track1": "1",
    "Track2": "0",
    "N_AB": "10000",
    "Sav_rate": "5",
    "MinSavPerc": "3",
    "BnchmkMinExp": "5000000",
    "GenSaveLoss": "5000000",
    "EarnSaveLoss": "2205000",
    "QualScore": "0.9",
    "ABtotBnchmk": "100000000",
    "ABtotExp": "95000000",
    "QualPerfShare": "0.5",
    "FinalShareRate": "0.45",
}
"""Track 1 of 2014: half of the savings × a score of 0.9, less sequestration."""

YEAR_2019 = {
    "aco_id": "A9001",
    "aco_name": "Example Valley ACO",
    "participation_six_months": "0",
    "current_start_date": "1/1/2017",
    "current_track_1": "1",
    "current_track_2": "0",
    "current_track_3": "0",
    "current_track_1_plus": "0",
    "current_basic_a": "0",
    "current_basic_e": "0",
    "current_enhanced": "0",
    "n_ab": "10,000",
    "minsavperc": "0.03",
    "bnchmkminexp": "5,000,000",
    "gensaveloss": "5,000,000",
    "disadj": "",
    "earnsaveloss": "2,250,000",
    "met_qps": "1",
    "qualscore": "90.00%",
    "abtotbnchmk": "100,000,000",
    "abtotexp": "95,000,000",
    "finalsharerate": "0.45",
    "revlosslimit": "0",
    "rev_exp_cat": "High Revenue",
}
"""Track 1 of 2019 in lower case with thousands separators: no sequestration."""

YEAR_2024 = {
    "ACO_ID": "A9001",
    "ACO_Name": "Example Valley ACO",
    "Current_Start_Date": "1/1/2024",
    "Current_Track": "A",
    "N_AB": "10000",
    "MinSavPerc": "3",
    "BnchmkMinExp": "5000000",
    "GenSaveLoss": "5000000",
    "DisAdj": "-",
    "Impact_Mid_Year_Termination": "0",
    "EarnSaveLoss": "1960000",
    "Met_QPS": "1",
    "Met_AltQPS": "-",
    "Met_40pctl": "1",
    "QualScore": "85",
    "Guardrail": "-",
    "ABtotBnchmk": "100000000",
    "ABtotExp": "95000000",
    "FinalShareRate": "40",
    "ReducedSS": "0",
    "FinalLossRate": "-",
    "Rev_Exp_Cat": "Low Revenue",
}
"""One-sided BASIC A of 2024, in percent points."""


def write_results(
    path: Path,
    rows: list[dict[str, Any]],
    *,
    encoding: str = "utf-8",
    separator: str = ",",
    above: tuple[str, ...] = (),
    below: tuple[str, ...] = (),
    line_end: str = "\n",
) -> Path:
    """Write rows under the header of the first one; cells with the separator are quoted."""

    def cell(value: Any) -> str:
        text = str(value)
        return f'"{text}"' if separator in text or '"' in text else text

    header = list(rows[0])
    lines = [*above, separator.join(map(cell, header))]
    lines += [separator.join(cell(row.get(name, "")) for name in header) for row in rows]
    lines += below
    path.write_bytes((line_end.join(lines) + line_end).encode(encoding))
    return path
