"""OpenTelemetry's own SDK and exporters, as any instrumented program has them, over a real port."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
import uvicorn
from fastapi import FastAPI
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from bot.sources import Signal, SourceSetting
from handlers.desk import Desk
from handlers.http.otlp.door import otlp_routes
from handlers.http.usage_writer import UsageWriter
from storage.database import Database
from tests.builders import a_team, a_workflow
from tests.servers import Server

KEYS = {"gateway": "open-sesame"}
SHOP = Resource({"service.name": "shop", "workflow.id": "search-ranking"})
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
}
PACKING = pytest.mark.parametrize("packing", [Compression.Gzip, Compression.NoCompression])


@dataclass
class Collector:
    """Where exporters send to."""

    url: str
    database: Database

    def options(self, signal, packing):
        headers = {"authorization": "Bearer open-sesame"}
        address = f"{self.url}/otlp/v1/{signal}"
        return {"endpoint": address, "headers": headers, "compression": packing, "timeout": 10}

    async def booked(self):
        async with self.database.reading() as ledger:
            connection = await ledger.spend._session.connection()
            found = await connection.exec_driver_sql(
                "SELECT sum(cost), count(*), sum(input_tokens) FROM usage"
            )
            cost, records, tokens = tuple(found.one())
        return Decimal(cost or 0).scaleb(-9), records, tokens


@pytest.fixture
async def collector(database: Database) -> AsyncIterator[Collector]:
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        organisation = await ledger.organisation.get()
        metered = SourceSetting("gateway/metered", signal=Signal.METRICS)
        await ledger.organisation.save(
            organisation.__class__(organisation.policy, sources=(metered,))
        )
    desk = Desk(database)
    writer = UsageWriter(desk)
    app = FastAPI()
    app.router.routes.extend(otlp_routes(desk, KEYS, writer))
    server = Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    tasks = [asyncio.create_task(writer.run()), asyncio.create_task(server.serve())]
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Collector(f"http://127.0.0.1:{port}", database)
    server.should_exit = True
    await tasks[1]
    tasks[0].cancel()
    await asyncio.wait(tasks)


@PACKING
async def test_spans_of_the_sdk_are_booked(collector: Collector, packing):
    def run():
        provider = TracerProvider(resource=SHOP)
        exporter = OTLPSpanExporter(**collector.options("traces", packing))
        provider.add_span_processor(BatchSpanProcessor(exporter))
        tracer = provider.get_tracer("shop")
        with tracer.start_as_current_span("invoke_agent shop") as agent:
            agent.set_attributes(
                {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 2_000}
            )
            for _ in range(2):
                with tracer.start_as_current_span("chat claude-sonnet-4-5") as call:
                    call.set_attributes(
                        CALL
                        | {
                            "gen_ai.usage.input_tokens": 1_000,
                            "gen_ai.usage.output_tokens": 100,
                            "gen_ai.input.messages": "not for anybody",
                        }
                    )
        provider.shutdown()

    await asyncio.to_thread(run)

    assert await collector.booked() == (Decimal("0.009"), 2, 2_000)


@PACKING
async def test_log_records_of_the_sdk_are_booked(collector: Collector, packing):
    def run():
        provider = LoggerProvider(resource=Resource({"service.name": "claude-code"}))
        exporter = OTLPLogExporter(**collector.options("logs", packing))
        provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
        logger = provider.get_logger("com.anthropic.claude_code.events")
        for number in (1, 2):
            logger.emit(
                severity_number=SeverityNumber.INFO,
                body="claude_code.api_request",
                attributes={
                    "event.name": "api_request",
                    "model": "claude-sonnet-4-5",
                    "input_tokens": 10,
                    "cache_read_tokens": 90,
                    "output_tokens": 5,
                    "cost_usd_micros": 132,
                    "request_id": f"req_{number}",
                },
            )
        provider.shutdown()

    await asyncio.to_thread(run)

    assert await collector.booked() == (Decimal("0.000264"), 2, 200)


@PACKING
@pytest.mark.parametrize(
    "temporality", [AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE]
)
async def test_counters_of_the_sdk_are_counted_once_however_often_they_are_exported(
    collector: Collector, packing, temporality
):
    def run():
        exporter = OTLPMetricExporter(
            **collector.options("metrics", packing), preferred_temporality={Counter: temporality}
        )
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
        resource = Resource({"service.name": "metered", "workflow.id": "search-ranking"})
        provider = MeterProvider([reader], resource=resource)
        meter = provider.get_meter("shop")
        inputs = meter.create_counter("gen_ai.client.inference.usage.input_tokens")
        outputs = meter.create_counter("gen_ai.client.inference.usage.output_tokens")
        for _ in range(3):
            inputs.add(1_000, CALL)
            outputs.add(100, CALL)
            provider.force_flush()
        provider.force_flush()
        provider.shutdown()

    await asyncio.to_thread(run)

    cost, _, tokens = await collector.booked()
    assert (cost, tokens) == (Decimal("0.0135"), 3_000)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_sdk_hears_what_was_rejected_and_sends_it_no_more(collector: Collector, caplog):
    def run():
        provider = TracerProvider(resource=SHOP)
        exporter = OTLPSpanExporter(**collector.options("traces", Compression.Gzip))
        provider.add_span_processor(BatchSpanProcessor(exporter))
        with provider.get_tracer("shop").start_as_current_span("chat x") as call:
            call.set_attributes(CALL | {"gen_ai.usage.input_tokens": -1})
        provider.shutdown()

    with caplog.at_level(logging.WARNING):
        await asyncio.to_thread(run)

    assert (await collector.booked())[1] == 0
    assert "Traceback" not in caplog.text
