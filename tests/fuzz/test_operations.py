"""Whatever the schema lets be asked is answered, and tells nothing that is nobody's business.

`python -m pytest -m fuzz`, with the extra `fuzz`: schemathesis asks a server in a process of its own, on each engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from graphql import build_schema
from hypothesis import HealthCheck, Phase, given, settings

from graph.schema import schema as code
from tests.fuzz.answers import judged
from tests.fuzz.documents import Documents, Request
from tests.fuzz.target import Tenant
from tests.server import PATIENCE, serving

pytestmark = pytest.mark.fuzz

SCHEMA = build_schema(code.as_str())
ROOTS = [root for root in (SCHEMA.query_type, SCHEMA.mutation_type) if root]
OPERATIONS = [(root.name, name) for root in ROOTS for name in root.fields]
WITH_ARGUMENTS = [(root.name, name) for root in ROOTS for name, field in root.fields.items() if field.args]
# A failure is told as it is met: the customers that it was met with may be others by then, so nothing gets smaller.
UNHURRIED = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None, print_blob=False
)
VALID, INVALID = 250, 25


@dataclass
class Target:
    fuzzed: Tenant
    documents: Documents
    hidden: set[str]

    def ask(self, request: Request) -> bool:
        """Whether it was executed without an error."""
        answer = self.fuzzed.ask(request)
        try:
            return "errors" not in judged(SCHEMA, request, answer, self.hidden)
        except AssertionError as fault:
            fault.add_note(f"{request.query}\n{request.variables}\n{answer.status_code} {answer.text}")
            raise


@pytest.fixture(scope="module")
def target(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    patient = {"BILLFOLK_DATABASE_POOL_TIMEOUT": str(PATIENCE), "BILLFOLK_DATABASE_STATEMENT_TIMEOUT": str(PATIENCE)}
    folder = tmp_path_factory.mktemp("fuzz")
    with serving(database_url, folder, **patient) as server, Tenant(server) as fuzzed, Tenant(server) as neighbour:
        fuzzed.populate(40)
        neighbour.populate(10)
        ours, theirs = fuzzed.everybody(), neighbour.everybody()
        ids = [str(customer["id"]) for customer in (*ours, *theirs)]
        documents = Documents(SCHEMA, ids, [str(customer["externalId"]) for customer in ours])

        yield Target(fuzzed, documents, {neighbour.name, *(str(customer["id"]) for customer in theirs)})

        assert neighbour.everybody() == theirs
        assert "Traceback" not in server.printed


@pytest.mark.parametrize(("root", "field"), OPERATIONS)
def test_what_fits_the_schema_is_answered(target: Target, root: str, field: str) -> None:
    executed = []

    @settings(UNHURRIED, max_examples=VALID)
    @given(request=target.documents.valid(root, field))
    def ask(request: Request) -> None:
        executed.append(target.ask(request))

    ask()
    # Else it is not fuzzed: it only seems so.
    assert sum(executed) > len(executed) / 5


@pytest.mark.parametrize(("root", "field"), WITH_ARGUMENTS)
def test_what_does_not_fit_the_schema_is_refused(target: Target, root: str, field: str) -> None:
    @settings(UNHURRIED, max_examples=INVALID)
    @given(request=target.documents.invalid(root, field))
    def ask(request: Request) -> None:
        assert not target.ask(request)

    ask()
