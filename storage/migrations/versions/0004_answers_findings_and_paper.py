"""What a class answers, what a room finds out, digits on paper, and browsers linked by the code of a seat."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seat_id", "question"),
    )
    op.create_table(
        "findings",
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "kind"),
    )
    op.create_table(
        "paper_digits",
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("writer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("ink", sa.LargeBinary(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "writer", "number"),
    )
    # SQLite adds no constraint to a table that is there: it is copied.
    with op.batch_alter_table("linked_browsers") as linked_browsers:
        linked_browsers.add_column(sa.Column("room_id", sa.String(length=32), nullable=True))
        linked_browsers.create_foreign_key(
            "fk_linked_browsers_room_id", "rooms", ["room_id"], ["id"], ondelete="CASCADE"
        )
