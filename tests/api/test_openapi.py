"""The description of the API is what docs/openapi.json holds, and helps who reads it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from enmusubi.api.openapi import description

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
DESCRIBED = json.loads(FILE.read_text("utf-8"))
OPERATIONS = [(path, method) for path, methods in DESCRIBED["paths"].items() for method in methods]


def test_the_file_is_what_the_command_prints():
    printed = subprocess.run(
        [sys.executable, "-m", "enmusubi.api.openapi"], capture_output=True, check=True
    ).stdout.decode("utf-8")
    assert printed == FILE.read_text("utf-8"), (
        "docs/openapi.json is behind: python -m enmusubi.api.openapi > docs/openapi.json"
    )


def test_the_application_serves_the_same_description(client):
    served = client.get("/openapi.json").json()
    assert served == client.get("/openapi.json").json() == json.loads(description())


def test_all_routes_are_there_and_the_page_is_not():
    assert OPERATIONS == [
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/v1/matches", "post"),
        ("/v1/needs/{need_id}", "get"),
        ("/v1/researchers/{researcher_id}", "get"),
    ]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_route_is_described_and_its_errors_are_problems(path, method):
    operation = DESCRIBED["paths"][path][method]
    assert len(operation["description"]) > 20
    for status, answer in operation["responses"].items():
        assert answer["description"]
        if int(status) >= 400:
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_the_examples_of_a_match_are_answered(client):
    content = DESCRIBED["paths"]["/v1/matches"]["post"]["requestBody"]["content"]
    examples = content["application/json"]["examples"]
    assert set(examples) == {"text", "id"}
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
