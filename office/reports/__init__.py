"""The nightly report: a page, a workbook and the run that the next night compares with."""
