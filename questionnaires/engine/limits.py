"""How large a document may be. They are checked first, so that a hostile one is refused quickly."""

from __future__ import annotations

DOCUMENT_BYTES = 8_000_000
"""Bytes of a JSON or YAML text; the shipped full questionnaire with German takes under a tenth."""
DOCUMENT_NODES = 60_000
"""Values in a document; the shipped full questionnaire with German has 5,200."""
DOCUMENT_OBJECTS = 12_000
"""Groups of keys among them (questions, options, rules …), which take the most time to read."""
DOCUMENT_DEPTH = 30
SECTIONS = 200
QUESTIONS = 2_000
MODULES = 50
LANGUAGES = 30
OPTIONS = 100
COLUMNS = 20
BANDS = 30
LINKS = 30
"""Controls, risk sources or objectives of one question."""
FILE_KINDS = 20
TABLE_ROWS = 200
CONDITION_DEPTH = 5
CONDITION_PARTS = 30
ERRORS_SHOWN = 50

TITLE_CHARACTERS = 200
TEXT_CHARACTERS = 300
HINT_CHARACTERS = 500
MARKDOWN_CHARACTERS = 4_000
UNIT_CHARACTERS = 40
ANSWER_CHARACTERS = 20_000
"""The most that `max_length` of a text question can allow."""
CELL_CHARACTERS = 1_000
"""The most that one cell of a table answer holds."""
FILES = 50
"""Files that back one answer."""

NUMBER_DIGITS = 15
"""Digits of a number in all. Up to here a JSON number keeps every digit, whoever reads it."""
NUMBER_DECIMALS = 6
MINUTES = 60
VALIDITY_MONTHS = 240
TEXT_LINES = 40
