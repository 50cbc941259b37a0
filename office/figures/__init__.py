"""Figures of the office (KPI): finance, speed and learning, counted from the ledger of cases."""
