"""`python -m app distribute`: its statements, and the rules of the schema that let Citus run them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from sqlmodel import SQLModel

from app.distribution import KEY, REFERENCES, is_distributed, placements
from tests.postgres import execute
from tests.server import run

# Each starts processes of its own.
pytestmark = pytest.mark.slow

GOLDEN = """\
SET citus.enable_local_reference_table_foreign_keys TO off;
SELECT create_reference_table('secrets');
SELECT create_reference_table('tenants');
SELECT create_reference_table('environments');
SELECT create_reference_table('api_keys');
SELECT create_distributed_table('customers', 'tenant_id', colocate_with => 'none');
SELECT create_distributed_table('idempotency_keys', 'tenant_id', colocate_with => 'customers');
SELECT create_distributed_table('events', 'tenant_id', colocate_with => 'customers');
SELECT create_distributed_table('integration_mappings', 'tenant_id', colocate_with => 'customers');
SELECT create_distributed_table('imports', 'tenant_id', colocate_with => 'customers');
SELECT create_distributed_table('import_rows', 'tenant_id', colocate_with => 'customers');
SELECT truncate_local_data_after_distributing_table('secrets');
SELECT truncate_local_data_after_distributing_table('tenants');
SELECT truncate_local_data_after_distributing_table('environments');
SELECT truncate_local_data_after_distributing_table('api_keys');
SELECT truncate_local_data_after_distributing_table('customers');
SELECT truncate_local_data_after_distributing_table('idempotency_keys');
SELECT truncate_local_data_after_distributing_table('events');
SELECT truncate_local_data_after_distributing_table('integration_mappings');
SELECT truncate_local_data_after_distributing_table('imports');
SELECT truncate_local_data_after_distributing_table('import_rows');
"""

# Citus's functions as far as their refusals and their catalogue go, on a PostgreSQL that has no Citus.
STAND_IN = """
CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod "char", repmodel "char");
CREATE FUNCTION place(moved regclass, method "char", model "char") RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = moved AND confrelid <> moved
    AND confrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition))
  THEN RAISE 'referenced table must be a distributed table or a reference table'; END IF;
  IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = moved)
  THEN RAISE 'table % is already distributed', moved; END IF;
  INSERT INTO pg_dist_partition VALUES (moved, method, model);
END $$;
CREATE FUNCTION create_reference_table(moved regclass) RETURNS void BEGIN ATOMIC SELECT place(moved, 'n', 't'); END;
CREATE FUNCTION create_distributed_table(moved regclass, key text, colocate_with text) RETURNS void BEGIN ATOMIC
  SELECT place(moved, 'h', 's'); END;
CREATE FUNCTION truncate_local_data_after_distributing_table(moved regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('TRUNCATE %s CASCADE', moved);
END $$
"""

TABLES = SQLModel.metadata.sorted_tables


def begins_with_the_key(columns: Any) -> bool:
    return bool(next(iter(columns)).name == KEY)


def test_dry_run_prints_the_statements_and_needs_no_database() -> None:
    ended = run("distribute", "--dry-run", BILLFOLK_DATABASE_URL="postgresql://127.0.0.1:1/x")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == GOLDEN


def test_every_table_that_the_migrations_make_has_a_place(own_postgres: str) -> None:
    made = execute(own_postgres, "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'")

    # A new table is distributed when its primary key begins with the tenant; otherwise it is named in REFERENCES.
    assert {place.table for place in placements()} == set(made) - {"alembic_version"}


def test_there_is_nothing_that_citus_refuses(own_postgres: str) -> None:
    assert execute(own_postgres, "SELECT count(*) FROM pg_sequences") == 0
    assert execute(own_postgres, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == 0
    assert execute(own_postgres, "SELECT count(*) FROM pg_constraint WHERE contype = 'x'") == 0


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_keys_begin_with_the_tenant(table: Table) -> None:
    if not is_distributed(table):
        return
    unique = [c for c in table.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)]
    for columns in (*(c.columns for c in unique), *(index.columns for index in table.indexes if index.unique)):
        assert begins_with_the_key(columns)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_foreign_keys_begin_with_the_tenant_and_reach_no_other_shard(table: Table) -> None:
    for foreign_key in table.foreign_key_constraints:
        if is_distributed(table):
            assert begins_with_the_key(foreign_key.columns)
            assert foreign_key.elements[0].column.name == KEY
            assert foreign_key.onupdate is None
            assert foreign_key.ondelete in {None, "CASCADE", "RESTRICT"}
        else:
            assert foreign_key.referred_table.name in REFERENCES


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_the_database_numbers_no_rows(table: Table) -> None:
    assert [column.name for column in table.columns if column.identity or column.autoincrement is True] == []
    assert table.autoincrement_column is None


def test_it_goes_on_where_it_ended(own_postgres: str) -> None:
    new = ("--tenant", "acme", "--environment", "live")
    assert run("keys", "create", *new, BILLFOLK_DATABASE_URL=own_postgres).returncode == 0
    for statement in STAND_IN.split(";\nCREATE"):
        execute(own_postgres, statement if statement.startswith("\nCREATE") else f"CREATE{statement}")
    # Stopped after three tables, and one that Citus keeps on the coordinator by itself.
    stopped = "('secrets', 'n', 't'), ('tenants', 'n', 't'), ('environments', 'n', 't')"
    execute(own_postgres, f"INSERT INTO pg_dist_partition VALUES {stopped}")  # noqa: S608 - our own

    first = run("distribute", BILLFOLK_DATABASE_URL=own_postgres)
    again = run("distribute", BILLFOLK_DATABASE_URL=own_postgres)

    placed = [line.removesuffix(";") for line in GOLDEN.splitlines()[4:13] if "secrets" not in line]  # which is empty
    assert first.stderr.splitlines() == [*placed, "Every table is where it belongs."]
    assert (first.returncode, first.stdout) == (0, "")
    assert (again.returncode, again.stderr) == (0, "Every table is where it belongs.\n")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("sqlite", "Only PostgreSQL with the extension Citus can be distributed"),
        ("empty_postgres", "The database's schema is out of date. Run: python -m app migrate"),
        ("own_postgres", "The database has no Citus. On a server that has it: CREATE EXTENSION citus"),
        ("away", "The database can't be reached: "),
    ],
)
def test_what_it_cannot_work_on_is_told_in_one_line(
    state: str, told: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    urls = {"sqlite": f"sqlite:///{tmp_path / 'x.db'}", "away": "postgresql://127.0.0.1:1/x"}
    ended = run("distribute", BILLFOLK_DATABASE_URL=urls.get(state) or request.getfixturevalue(state))

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith(f"billfolk: {told}")
    assert list(tmp_path.iterdir()) == []
