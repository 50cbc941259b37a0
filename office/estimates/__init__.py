"""What a joint research costs: estimates in versions, checked by finance, as workbook and page."""
