import gzip
import json

import pytest

from bot.usage import SentUsage
from tests.http.conftest import Machine
from tests.http.test_usage import a_record

# What is turned away at the door never reaches a database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_a_packed_body_is_unpacked(machine: Machine):
    packed = gzip.compress(json.dumps([a_record()]).encode())

    answer = await machine.send(
        json=None,
        content=packed,
        headers={"content-type": "application/json; charset=utf-8", "content-encoding": "gzip"},
    )

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(gzip.compress(b" " * 10_000_001), 413, id="a bomb"),
        pytest.param(gzip.compress(b"[]")[:-3], 400, id="cut short"),
        pytest.param(b"[]", 400, id="not packed at all"),
        pytest.param(gzip.compress(b"[]") + b"more", 400, id="something after it"),
    ],
)
async def test_a_broken_package_is_turned_away(machine: Machine, body, status):
    answer = await machine.send(
        json=None,
        content=body,
        headers={"content-type": "application/json", "content-encoding": "gzip"},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"content-type": "text/csv"}, id="a file"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, id="a form"),
        pytest.param({}, id="unsaid"),
        pytest.param({"content-type": "application/json", "content-encoding": "br"}, id="brotli"),
    ],
)
async def test_another_kind_of_body_is_a_415(machine: Machine, headers):
    answer = await machine.send(json=None, content=b"[]", headers=headers)

    assert answer.status_code == 415


async def test_too_many_records_are_turned_away_whole(machine: Machine):
    answer = await machine.send(*(a_record(f"r-{n}") for n in range(10_001)))

    assert answer.status_code == 413


async def test_too_long_a_body_is_turned_away_unread(machine: Machine):
    answer = await machine.send(
        json=None, content=b" " * 10_000_001, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 413


async def test_a_long_body_sent_in_pieces_is_stopped(machine: Machine):
    async def pieces():
        for _ in range(11):
            yield b" " * 1_000_000

    answer = await machine.send(
        json=None, content=pieces(), headers={"content-type": "application/json"}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic open-sesame", "open-sesame", "Bearer öpen", "Bearer  "],
)
async def test_without_a_key_nothing_is_read(machine: Machine, authorization):
    answer = await machine.client.post(
        "/v1/usage", headers={"authorization": authorization.encode()}, content=b"["
    )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_when_too_much_is_waiting_a_request_is_turned_away_unread(machine: Machine):
    machine.writer._rows = 50_000

    answer = await machine.send(json=None, content=b"[")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_the_document_shows_every_field_of_a_record(machine: Machine):
    document = (await machine.client.get("/openapi.json")).json()

    operation = document["paths"]["/v1/usage"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    record = schema["anyOf"][0]
    assert list(record["properties"]) == list(SentUsage.__struct_fields__)
    assert record["required"] == ["id", "at"]
    assert record["properties"]["cost"]["anyOf"][0]["type"] == ["string", "number"]
    assert "pattern" in record["properties"]["cost"]["anyOf"][0]
    tags = record["properties"]["tags"]
    assert [one["type"] for one in tags["anyOf"]] == ["array", "object"]
    assert "key:value" in tags["description"]
    assert set(operation["responses"]) == {"202", "400", "401", "408", "413", "415", "422", "503"}
    assert operation["security"]


async def test_the_documents_example_is_taken(machine: Machine):
    document = (await machine.client.get("/openapi.json")).json()
    body = document["paths"]["/v1/usage"]["post"]["requestBody"]["content"]["application/json"]

    answer = await machine.send(json=body["example"])

    assert answer.json()["taken"] == 1


@pytest.mark.parametrize("source", ["ci", "ci/claude-code"])
async def test_a_name_that_another_key_sends_under_is_kept_free(machine: Machine, source):
    answer = await machine.send(json=[a_record(id="1", source=source), a_record(id="2")])

    refused, taken = answer.json()["records"]
    assert answer.status_code == 202
    assert refused["field"] == "source"
    assert "API key “ci”" in refused["reason"]
    assert taken["outcome"] == "taken"
