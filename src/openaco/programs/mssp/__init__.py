"""The Medicare Shared Savings Program: inputs, benchmark, settlement, and the program as a contract."""
