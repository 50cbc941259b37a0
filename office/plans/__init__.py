"""The plan of a case (研究・事業化計画): drafted, edited, kept in versions, as a Word file."""
