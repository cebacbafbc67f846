"""Rooms: classes at work together."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("delete_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name="uq_rooms_code"),
    )
    op.create_table(
        "teachers",
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "visitor_id"),
    )
    op.create_index("ix_teachers_visitor_id", "teachers", ["visitor_id"])
    op.create_table(
        "seats",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("visitor_id", sa.String(length=64), nullable=True),
        sa.Column("animal", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=True),
        sa.Column("joined_at", sa.Float(precision=53), nullable=False),
        sa.Column("entered_at", sa.Float(precision=53), nullable=False),
        sa.Column("left_at", sa.Float(precision=53), nullable=True),
        sa.Column("seen_at", sa.Float(precision=53), nullable=False),
        sa.Column("wants_help", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("progress_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("room_id", "number", name="uq_seats_number"),
        sa.UniqueConstraint("room_id", "code", name="uq_seats_code"),
    )
    op.create_index("ix_seats_visitor_id", "seats", ["visitor_id"])
    op.add_column("drawings", sa.Column("is_hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("drawings", sa.Column("drawn_at", sa.Float(precision=53), nullable=True))
