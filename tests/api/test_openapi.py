"""The description of the API is what docs/openapi.json holds, and helps who reads it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.openapi import description

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
DESCRIBED = json.loads(FILE.read_text("utf-8"))
OPERATIONS = [(path, method) for path, methods in DESCRIBED["paths"].items() for method in methods]


def test_the_file_is_what_the_command_prints():
    printed = subprocess.run(
        [sys.executable, "-m", "api.openapi"], capture_output=True, check=True
    ).stdout.decode("utf-8")
    assert printed == FILE.read_text("utf-8"), (
        "docs/openapi.json is behind: python -m api.openapi > docs/openapi.json"
    )


def test_the_application_serves_the_same_description(client):
    served = client.get("/openapi.json").json()
    assert served == client.get("/openapi.json").json() == json.loads(description())


def test_the_description_names_no_page():
    paths = {path.split("/")[1] for path, _ in OPERATIONS}
    assert paths <= {"v1", "healthz", "readyz", "metrics", "oauth"}
    assert "needs" in {path.split("/")[2] for path, _ in OPERATIONS if path.startswith("/v1")}


def test_every_operation_is_told_in_the_documentation_of_the_api():
    told = (FILE.parent / "api.md").read_text("utf-8")
    missing = [f"{verb.upper()} {path}" for path, verb in OPERATIONS if path.startswith("/v1")]
    assert [entry for entry in missing if f"`{entry}`" not in told] == []


def test_every_operation_has_a_name_of_its_own_and_a_tag_that_is_explained():
    operations = [DESCRIBED["paths"][path][method] for path, method in OPERATIONS]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    explained = {tag["name"] for tag in DESCRIBED["tags"]}
    assert {tag for operation in operations for tag in operation["tags"]} <= explained


def test_everything_but_the_open_routes_asks_for_a_key_a_token_or_a_session():
    assert DESCRIBED["security"] == [{"key": []}, {"token": []}, {"session": []}]
    assert set(DESCRIBED["components"]["securitySchemes"]) == {"key", "token", "session"}
    free = {path for path, method in OPERATIONS if "security" in DESCRIBED["paths"][path][method]}
    assert free == {"/healthz", "/readyz", "/oauth/token"}


def test_whatever_creates_something_takes_an_idempotency_key():
    def takes_key(operation):
        return "Idempotency-Key" in {one["name"] for one in operation.get("parameters", [])}

    posts = [DESCRIBED["paths"][p]["post"] for p, v in OPERATIONS if v == "post" and "/v1/" in p]
    without = {operation["operationId"] for operation in posts if not takes_key(operation)}
    assert without == {
        "match",
        "checkCaseEstimate",
        "readNeedFile",
        "closeNeed",
        "reopenNeed",
        "cancelJob",
        "revokeRelease",
        "decideClearance",  # a second decision is a conflict
        "revokeClearance",
        "withdrawNda",
        "draftInquiries",  # nothing is kept
        "consultNeed",  # nor here
        "findCompanies",
        "revokeInquiry",
        "noteAnswer",
        "noteDormantNeed",
        "submitCase",  # of a version, which is another one afterwards
        "decideCase",
        "withdrawMember",
        "endDelegation",
        "handOver",  # of all there is: a second one finds nothing
        "undoHandOver",
    }


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_route_is_described_and_its_errors_are_problems(path, method):
    operation = DESCRIBED["paths"][path][method]
    assert len(operation["description"]) > 15
    for status, answer in operation["responses"].items():
        assert answer["description"]
        if int(status) >= 400 and not (path == "/oauth/token" and status != "422"):  # RFC 6749
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_the_examples_of_a_match_are_answered(client):
    content = DESCRIBED["paths"]["/v1/matches"]["post"]["requestBody"]["content"]
    examples = content["application/json"]["examples"]
    assert set(examples) == {"text", "id", "refined"}
    for example in examples.values():
        assert client.post("/v1/matches", json=example["value"]).status_code == 200


def test_every_reference_leads_somewhere():
    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            node = list(node.values())
        for child in node if isinstance(node, list) else []:
            yield from references(child)

    known = {f"#/components/schemas/{name}" for name in DESCRIBED["components"]["schemas"]}
    assert set(references(DESCRIBED)) <= known


def test_what_takes_a_body_says_what_becomes_of_one_that_cannot_be_taken() -> None:
    described = json.loads(description())["paths"]
    taking = {
        f"{method} {path}": set(operation["responses"])
        for path, operations in described.items()
        for method, operation in operations.items()
        if path.startswith("/v1/") and "requestBody" in operation
    }
    assert len(taking) > 5
    assert {
        name for name, told in taking.items() if not {"400", "408", "413", "415"} <= told
    } == set()
