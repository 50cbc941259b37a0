"""Rows of a sheet that stand folded below a line which says what it hides."""

from typing import Any

from openpyxl.styles import Font

from office.reports.cells import write_text


def fold_rows(sheet: Any, label_row: int, label: str, last_row: int) -> None:
    """Write the label into its row and fold the rows below it, up to the last one."""
    write_text(sheet.cell(label_row, 1), label)
    sheet.cell(label_row, 1).font = Font(bold=True)
    sheet.sheet_properties.outlinePr.summaryBelow = False
    sheet.row_dimensions.group(label_row + 1, last_row, outline_level=1, hidden=True)
    sheet.row_dimensions[label_row].collapsed = True
