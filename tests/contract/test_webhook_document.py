"""The webhook against its own OpenAPI document: schemathesis asks, by the local HTTP trigger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from commandline.assembly import Parts, attach_platform
from localcloud.cloud import LocalCloud
from localcloud.testing import serving
from localcloud.world.fleet import read_fleet
from tests.webhooks import right_now, signature

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@dataclass
class Served:
    """A served webhook and the document that it serves."""

    url: str
    document: dict[str, Any]
    session: requests.Session

    def is_valid(self, body: bytes) -> bool:
        """Whether the document allows this body."""
        schema = {
            **self.document["components"]["schemas"]["MirrorRequest"],
            "$schema": "https://json-schema.org/draft/2020-12/schema",
        }
        try:
            jsonschema.validate(json.loads(body), schema)
        except (jsonschema.ValidationError, ValueError):
            return False
        return True


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    fleet = read_fleet({})

    async def prepare(cloud: LocalCloud) -> None:
        await attach_platform(cloud, Parts(fleet), tmp_path_factory.mktemp("run"))

    with serving(fleet, prepare=prepare) as cloud, requests.Session() as session:
        # Accepted and forgotten: what mirror does with it is not asked here.
        taken = {"body": "", "status": 202}
        cloud.set_faults([{"action": "InvokeFunction:mirror", "do": taken}])
        url = f"{cloud.endpoint}/http/webhook"
        yield Served(url, session.get(f"{url}/openapi.json").json(), session)


def converse(served: Served, mode: GenerationMode, examples: int) -> list[int]:
    """Asks so many times, signed and not; the statuses of all answers."""
    schema: BaseSchema = schemathesis.openapi.from_dict(served.document)
    if mode is GenerationMode.NEGATIVE:
        # The other paths take nothing that could be wrong.
        schema = schema.include(path="/mirror")
    statuses: list[int] = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema.as_strategy(generation_mode=mode), sign=st.booleans())
    def ask(case: schemathesis.Case[Any], sign: bool) -> None:
        sent = requests.Request(**case.as_transport_kwargs(base_url=served.url)).prepare()
        content = sent.body if isinstance(sent.body, bytes) else str(sent.body or "").encode()
        sign = sign and sent.path_url.endswith("/mirror")
        if sign:
            sent.headers["webhook-id"] = "msg_asked"
            sent.headers["webhook-timestamp"] = str(right_now())
            sent.headers["webhook-signature"] = signature(content, "msg_asked", right_now())
        answer = served.session.send(sent, timeout=30)
        case.validate_response(answer, checks=CHECKS)
        if sign and sent.headers.get("content-type") == "application/json":
            assert (answer.status_code == 202) == served.is_valid(content), content
        statuses.append(answer.status_code)

    ask()
    return statuses


@pytest.mark.parametrize(
    ("mode", "seen"),
    [(GenerationMode.POSITIVE, {200, 202, 401}), (GenerationMode.NEGATIVE, {401, 422})],
)
def test_every_answer_is_as_documented(
    served: Served, mode: GenerationMode, seen: set[int]
) -> None:
    """Negative requests may be taken: where only headers were wrong, signing put them right."""
    statuses = set(converse(served, mode, 20))

    assert seen <= statuses <= {*seen, 202, 400, 413, 415}


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", MODES)
def test_a_thousand_answers_are_as_documented(served: Served, mode: GenerationMode) -> None:
    assert len(converse(served, mode, 1000)) >= 1000


def test_the_document_is_one(served: Served) -> None:
    """By schemathesis' reading of OpenAPI 3.1, every operation of it can be asked."""
    schema = schemathesis.openapi.from_dict(served.document)

    operations = [one.ok().label for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert sorted(operations) == ["GET /health", "GET /openapi.json", "POST /mirror"]
    assert Path(__file__).parents[2].joinpath("functions/webhook/openapi.json").is_file()
