"""The declarative base: names of constraints, ids, instants, versions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.db.types import UtcDateTime
from app.kernel import clock, ids


class Base(DeclarativeBase):
    """Base of every table. Constraints are named, so that errors can become sentences."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime(),
        uuid.UUID: sa.Uuid(),
    }


class Identified:
    """Mixin: a primary key that is ordered by time."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.new_id)


class Stamped:
    """Mixin: when the row was made."""

    created_at: Mapped[dt.datetime] = mapped_column(default=clock.now)


class Versioned:
    """Mixin: a counter that rises with each change, for what two people can edit.

    A form carries the version it showed; a stale one becomes a Conflict.
    """

    version: Mapped[int] = mapped_column(sa.Integer, default=1)

    @sa.orm.declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]  # set by the declarative base
