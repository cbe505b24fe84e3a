"""ACO REACH and its predecessor GPDC: inputs, benchmark, settlement by risk corridors, and the contract."""
