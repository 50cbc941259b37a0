"""Tells what a foreign table is: where its header is, what its rows are about, what each column holds."""
