"""The platform: audit trail, outbox, files, mail, people.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from app.db.types import CanonicalJson, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Repeated here on purpose: a migration does what it did, whatever the code says later.
FIRST_HASH = "0" * 64
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are never changed or deleted'; END $$",
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
    ),
}


def upgrade() -> None:
    make_audit_trail()
    make_outbox()
    make_files()
    make_mail()
    make_people()


def make_audit_trail() -> None:
    op.create_table(
        "audit_event",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=True),
        sa.Column("subject_name", sa.String(length=300), nullable=False),
        sa.Column("before", CanonicalJson(), nullable=True),
        sa.Column("after", CanonicalJson(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "sequence"], unique=False)
    op.create_index("ix_audit_event_at", "audit_event", ["at", "sequence"], unique=False)
    op.create_index(
        "ix_audit_event_subject",
        "audit_event",
        ["subject_type", "subject_id", "sequence"],
        unique=False,
    )
    op.create_index("ix_audit_event_verb", "audit_event", ["verb", "sequence"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute(f"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '{FIRST_HASH}')")
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def make_outbox() -> None:
    op.create_table(
        "job",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("payload", CanonicalJson(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "running",
                "done",
                "parked",
                "cancelled",
                name="job_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=True),
        sa.Column("progress_total", sa.Integer(), nullable=True),
        sa.Column("result", CanonicalJson(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL) AND (state = 'running') = (lease_token IS NOT NULL)",
            name=op.f("ck_job_running_has_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_job_final_has_instant"),
        ),
        sa.CheckConstraint(
            "state <> 'parked' OR last_error IS NOT NULL", name=op.f("ck_job_parked_has_reason")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_attempts")),
        sa.CheckConstraint("priority BETWEEN 0 AND 2", name=op.f("ck_job_priority")),
        sa.CheckConstraint(
            "progress_done IS NULL OR (progress_done >= 0 AND (progress_total IS NULL OR progress_done <= progress_total))",
            name=op.f("ck_job_progress"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("topic", "dedupe_key", name=op.f("uq_job_topic_dedupe_key")),
    )
    op.create_index(
        "ix_job_owner",
        "job",
        ["owner_id", "id"],
        unique=False,
        sqlite_where=sa.text("owner_id IS NOT NULL"),
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )
    op.create_index(
        "ix_job_ready",
        "job",
        ["state", "priority", "available_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_job_running",
        "job",
        ["state", "lease_until", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index("ix_job_state", "job", ["state", "id"], unique=False)
    op.create_index("ix_job_topic", "job", ["topic", "id"], unique=False)
    op.create_index(
        "ix_job_unseen",
        "job",
        ["owner_id", "id"],
        unique=False,
        sqlite_where=sa.text("seen_at IS NULL AND title IS NOT NULL"),
        postgresql_where=sa.text("seen_at IS NULL AND title IS NOT NULL"),
    )
    op.create_table(
        "periodic_slot",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slot_start", UtcDateTime(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot_start", name=op.f("pk_periodic_slot")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_heartbeat")),
    )


def make_files() -> None:
    op.create_table(
        "stored_file",
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("original_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column(
            "scan_state",
            sa.Enum(
                "unscanned",
                "pending",
                "clean",
                "quarantined",
                name="scan_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scanned_at", UtcDateTime(), nullable=True),
        sa.Column("scan_finding", sa.String(length=200), nullable=True),
        sa.Column("uploaded_by_kind", sa.String(length=20), nullable=False),
        sa.Column("uploaded_by_id", sa.String(length=36), nullable=True),
        sa.Column("uploaded_by_name", sa.String(length=200), nullable=False),
        sa.Column(
            "damage",
            sa.Enum(
                "missing",
                "size",
                "shorter",
                "longer",
                "changed",
                name="damage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("damaged_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(scan_state = 'quarantined') = (scan_finding IS NOT NULL)",
            name=op.f("ck_stored_file_quarantined_has_finding"),
        ),
        sa.CheckConstraint(
            "(scan_state IN ('clean', 'quarantined')) = (scanned_at IS NOT NULL)",
            name=op.f("ck_stored_file_answered_has_instant"),
        ),
        sa.CheckConstraint(
            "original_name <> '' AND purpose <> ''", name=op.f("ck_stored_file_named")
        ),
        sa.CheckConstraint(
            "(damage IS NULL) = (damaged_at IS NULL)",
            name=op.f("ck_stored_file_damaged_has_instant"),
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_stored_file_sha256")),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_stored_file_storage_key")),
    )
    op.create_index(
        "ix_stored_file_damage",
        "stored_file",
        ["id"],
        unique=False,
        sqlite_where=sa.text("damage IS NOT NULL"),
        postgresql_where=sa.text("damage IS NOT NULL"),
    )
    op.create_index("ix_stored_file_scan_state", "stored_file", ["scan_state", "id"], unique=False)


def make_mail() -> None:
    op.create_table(
        "mail_message",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("to_address", sa.String(length=320), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("reply_to", sa.String(length=320), nullable=True),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("values", CanonicalJson(), nullable=False),
        sa.Column("needs_secrets", sa.Boolean(), nullable=False),
        sa.Column("secrets_sealed", sa.Text(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("subject_line", sa.String(length=400), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_by_name", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "retrying",
                "sent",
                "not_sent",
                "failed",
                "cancelled",
                name="mail_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unconfirmed", sa.Integer(), nullable=False),
        sa.Column("in_flight_since", UtcDateTime(), nullable=True),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column(
            "fault",
            sa.Enum(
                "unreachable",
                "deferred",
                "refused",
                "setup",
                "unconfirmed",
                "outdated",
                "unreadable",
                "internal",
                name="fault",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("server_said", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'retrying') = (next_attempt_at IS NOT NULL)",
            name=op.f("ck_mail_message_retrying_has_time"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_message_sent_has_time")
        ),
        sa.CheckConstraint(
            "(state IN ('retrying', 'failed')) = (fault IS NOT NULL)",
            name=op.f("ck_mail_message_fault_has_kind"),
        ),
        sa.CheckConstraint(
            "in_flight_since IS NULL OR state IN ('queued', 'retrying')",
            name=op.f("ck_mail_message_in_flight_waits"),
        ),
        sa.CheckConstraint(
            "secrets_sealed IS NULL OR (needs_secrets AND state IN ('queued', 'retrying', 'not_sent', 'failed'))",
            name=op.f("ck_mail_message_secrets_wiped"),
        ),
        sa.CheckConstraint("to_address <> ''", name=op.f("ck_mail_message_has_recipient")),
        sa.CheckConstraint(
            "attempts >= unconfirmed AND unconfirmed >= 0",
            name=op.f("ck_mail_message_attempts_counted"),
        ),
        sa.CheckConstraint(
            "needs_secrets = (expires_at IS NOT NULL)", name=op.f("ck_mail_message_secrets_expire")
        ),
        sa.CheckConstraint("round >= 1", name=op.f("ck_mail_message_round_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
    )
    op.create_index("ix_mail_message_expires_at", "mail_message", ["expires_at"], unique=False)
    op.create_index("ix_mail_message_state", "mail_message", ["state", "id"], unique=False)
    op.create_index(
        "ix_mail_message_subject",
        "mail_message",
        ["subject_type", "subject_id", "id"],
        unique=False,
    )
    op.create_index("ix_mail_message_topic", "mail_message", ["topic", "id"], unique=False)


def make_people() -> None:
    op.create_table(
        "business_unit",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_unit")),
        sa.UniqueConstraint("name_key", name=op.f("uq_business_unit_name_key")),
    )
    op.create_table(
        "rate_limit_window",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit_window")),
    )
    op.create_index(
        op.f("ix_rate_limit_window_ends_at"), "rate_limit_window", ["ends_at"], unique=False
    )
    op.create_table(
        "staff_account",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=800), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "active",
                "disabled",
                name="account_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", UtcDateTime(), nullable=True),
        sa.Column("sees_all_units", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("totp_seed", sa.String(length=400), nullable=True),
        sa.Column("totp_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("last_signed_in_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'active' OR password_hash IS NOT NULL",
            name=op.f("ck_staff_account_active_has_password"),
        ),
        sa.CheckConstraint(
            "state <> 'invited' OR password_hash IS NULL",
            name=op.f("ck_staff_account_invited_has_no_password"),
        ),
        sa.CheckConstraint(
            "theme IN ('auto', 'light', 'dark')", name=op.f("ck_staff_account_theme")
        ),
        sa.CheckConstraint(
            "totp_confirmed_at IS NULL OR totp_seed IS NOT NULL",
            name=op.f("ck_staff_account_factor_has_seed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_staff_account_email_key")),
    )
    op.create_index("ix_staff_account_name_key", "staff_account", ["name_key", "id"], unique=False)
    op.create_index(
        "ix_staff_account_state", "staff_account", ["state", "name_key", "id"], unique=False
    )
    op.create_table(
        "throttle",
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("marks", CanonicalJson(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("forget_after", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_forget_after"), "throttle", ["forget_after"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column(
            "purpose",
            sa.Enum(
                "invitation",
                "reset",
                "first_administrator",
                "email_change",
                name="link_purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(purpose = 'email_change') = (email IS NOT NULL)",
            name=op.f("ck_one_time_link_to_where"),
        ),
        sa.CheckConstraint(
            "(purpose = 'first_administrator') = (account_id IS NULL)",
            name=op.f("ck_one_time_link_whose"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_one_time_link_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_link_account_id"), "one_time_link", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_link_expires_at"), "one_time_link", ["expires_at"], unique=False
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.String(length=8), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_recovery_code_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint(
            "account_id", "lookup", name=op.f("uq_recovery_code_account_id_lookup")
        ),
    )
    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "colleague",
                "procurement",
                "reviewer",
                "approver",
                "governance_lead",
                "risk_owner",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "role NOT IN ('auditor') OR ends_on IS NOT NULL",
            name=op.f("ck_role_grant_reader_has_end"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_role", "role_grant", ["role", "account_id"], unique=False)
    op.create_table(
        "staff_account_unit",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_account_unit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["business_unit.id"], name=op.f("fk_staff_account_unit_unit_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "unit_id", name=op.f("pk_staff_account_unit")),
    )
    op.create_index(
        "ix_staff_account_unit_unit_id",
        "staff_account_unit",
        ["unit_id", "account_id"],
        unique=False,
    )
    op.create_table(
        "staff_session",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("second_factor_pending", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column(
            "revoked_reason",
            sa.Enum(
                "signed_out",
                "ended_by_person",
                "ended_by_administrator",
                "password_changed",
                "second_factor_changed",
                "account_disabled",
                "backup_restored",
                name="end_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_reason IS NULL)",
            name=op.f("ck_staff_session_revoked_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    op.create_index(
        "ix_staff_session_account_id", "staff_session", ["account_id", "last_seen_at"], unique=False
    )
    op.create_index("ix_staff_session_expires_at", "staff_session", ["expires_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was taken before the upgrade")
