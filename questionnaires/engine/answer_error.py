"""What is refused about an answer, in words for the person who gives it."""

from __future__ import annotations

from app.kernel.errors import DomainError


class AnswerError(DomainError):
    """The answer cannot be understood or may not be given so; the message says what to write.

    `row` and `column` (from 0, and the column's key) say where in a table.
    """

    code = "answer_not_understood"

    def __init__(self, message: str, *, row: int | None = None, column: str | None = None) -> None:
        """Keep the sentence and the place."""
        details = {} if row is None else {"row": row, "column": column}
        super().__init__(message, details=details)
        self.row = row
        self.column = column
