"""An ACO on disk: `aco.toml`, the lake, and the runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from openaco.errors import ConfigurationError


@dataclass(frozen=True)
class AcoFolder:
    """The folder of one ACO. `root/aco.toml`, `root/contracts/`, `root/lake/`, `root/runs/<run id>/`."""

    root: Path

    @property
    def configuration(self) -> Path:
        """The description of the ACO."""
        return self.root / "aco.toml"

    @property
    def lake(self) -> Path:
        """Where deliveries are kept."""
        return self.root / "lake"

    @property
    def contracts(self) -> Path:
        """Where contract files of payers are kept."""
        return self.root / "contracts"

    @property
    def runs(self) -> Path:
        """Where finished runs are kept."""
        return self.root / "runs"

    def run(self, run_id: str) -> Path:
        """The folder of one run."""
        return self.runs / run_id

    def latest_run(self) -> Path:
        """The run that finished last. Raises ConfigurationError if there is none."""
        pointer = self.runs / "latest.json"
        if not pointer.is_file():
            raise ConfigurationError(
                "no finished run", where=str(self.runs), remedy="Make one with `openaco run --year YEAR`."
            )
        return self.run(json.loads(pointer.read_text(encoding="utf-8"))["run_id"])

    def point_to(self, run_id: str) -> None:
        """Make a run the latest one."""
        pointer = self.runs / "latest.json"
        draft = pointer.with_suffix(".draft")
        draft.write_text(json.dumps({"run_id": run_id}) + "\n", encoding="utf-8")
        draft.replace(pointer)
