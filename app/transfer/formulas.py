"""Cells that a spreadsheet would run: marked as text by an apostrophe, which is taken away again when they are read.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

# The full-width signs too, which spreadsheets of East Asia take for the plain ones.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escaped(cell: str) -> str:
    """One apostrophe more for what is a formula, or looks like an escaped one: so that nothing is ambiguous."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescaped(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell
