"""imports."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, Text, Timestamp

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("begun_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name="fk_imports_environment",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "id"),
        sqlite_strict=True,
    )
    op.create_table(
        "import_rows",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("import_id", Text, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("row", Text, nullable=False),
        sa.Column("parent_id", Text, nullable=True),
        sa.Column("parent_external_id", Text, nullable=True),
        sa.Column("problems", Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id", "import_id"],
            ["imports.tenant_id", "imports.environment_id", "imports.id"],
            name="fk_import_rows_import",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "import_id", "line"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("imports")
