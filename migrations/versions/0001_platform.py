"""The platform: audit trail, outbox, files, mail, people.

Revision ID: 0001
Revises:
"""

from alembic import op

from app.audit.chain import GENESIS
from app.audit.models import TRIGGERS, AuditHead
from app.db.base import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    connection.execute(AuditHead.__table__.insert().values(id=1, sequence=0, hash=GENESIS))
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was taken before the upgrade")
