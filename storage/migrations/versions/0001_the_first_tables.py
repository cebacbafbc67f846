"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten",
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("forgotten_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("visitor_id"),
    )
    op.create_table(
        "servers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("lock_file", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("seen_at", sa.Float(precision=53), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=True),
        sa.Column("drawing", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visitors_seen_at", "visitors", ["seen_at"])
    op.create_table(
        "hypotheses",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hypotheses_visitor_id", "hypotheses", ["visitor_id"])
    op.create_table(
        "imported_networks",
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("visitor_id", "name"),
    )
    op.create_index("ix_imported_networks_name", "imported_networks", ["name"])
    op.create_table(
        "own_tests",
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("visitor_id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("diverged", sa.Boolean(), nullable=False),
        sa.Column("xla", sa.Boolean(), nullable=True),
        sa.Column("images_per_second", sa.Float(precision=53), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("changed_at", sa.Float(precision=53), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["servers.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_runs_created_at", "runs", ["created_at"])
    op.create_index("ix_runs_open", "runs", ["is_over", "owner_id"])
    op.create_index("ix_runs_visitor_id", "runs", ["visitor_id"])
    op.create_table(
        "drawings",
        sa.Column("visitor_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("pointer", sa.String(length=16), nullable=True),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("ink", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["visitor_id"], ["own_tests.visitor_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("visitor_id", "number"),
    )
    op.create_table(
        "epochs",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("training_loss", sa.Float(precision=53), nullable=False),
        sa.Column("training_accuracy", sa.Float(precision=53), nullable=False),
        sa.Column("validation_loss", sa.Float(precision=53), nullable=False),
        sa.Column("validation_accuracy", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "epoch"),
    )
    op.create_table(
        "states",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("so_far", sa.Text(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=True),
        sa.Column("optimizer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "weights",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "epoch"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Weights do not get smaller by compressing, but slower.
        for table, column in (("weights", "arrays"), ("states", "weights"), ("states", "optimizer")):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("forgotten")
    op.drop_table("weights")
    op.drop_table("states")
    op.drop_table("epochs")
    op.drop_table("drawings")
    op.drop_index("ix_runs_visitor_id", "runs")
    op.drop_index("ix_runs_open", "runs")
    op.drop_index("ix_runs_created_at", "runs")
    op.drop_table("runs")
    op.drop_table("own_tests")
    op.drop_index("ix_imported_networks_name", "imported_networks")
    op.drop_table("imported_networks")
    op.drop_index("ix_hypotheses_visitor_id", "hypotheses")
    op.drop_table("hypotheses")
    op.drop_index("ix_visitors_seen_at", "visitors")
    op.drop_table("visitors")
    op.drop_table("servers")
