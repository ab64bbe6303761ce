"""How large a body may be: only uploads may be as large as an upload."""

from __future__ import annotations

from flask import Request


class LimitedRequest(Request):
    """A request whose fields alone never reach the size of a file.

    MAX_FORM_MEMORY_SIZE holds for multipart forms only. Measured without this class: 26 MB of
    `a&a&…` in an ordinary form cost 14 seconds and 1.1 GB before any view was asked.
    """

    @property
    def max_content_length(self) -> int | None:
        """Return the limit in bytes: of uploads for multipart forms, of fields for all else."""
        limit = super().max_content_length
        if self._max_content_length is not None or self.mimetype == "multipart/form-data":
            return limit
        fields = self.max_form_memory_size
        return fields if limit is None or fields is None else min(limit, fields)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        """Set another limit for this request alone."""
        self._max_content_length = value
