"""Reads a need from a file as an office gets them: text, Word, slides, workbooks, PDF, mail.

Files are hostile until read: sizes are limited before and after unpacking, nothing is executed or
fetched, and no error quotes what is written in them.
"""

from catalogue.importers.need_files.document import (
    ENDINGS,
    NeedDocument,
    read_need_bytes,
    read_need_document,
    read_need_file,
    read_need_path,
)
from catalogue.importers.need_files.office_package import MAX_UNPACKED_BYTES

__all__ = [
    "ENDINGS",
    "MAX_UNPACKED_BYTES",
    "NeedDocument",
    "read_need_bytes",
    "read_need_document",
    "read_need_file",
    "read_need_path",
]
