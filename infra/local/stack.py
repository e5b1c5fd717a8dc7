"""The whole local stack: started in order, and stopped in reverse whatever happens in between."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import aws, event_loop, logs, notices, processes, s3_events, seed, server
from infra.local.engines import Engine, find_dynoxide, find_ministack, start_dynoxide, start_ministack
from infra.local.event_loop import Resources, Say
from infra.local.functions import functions_of
from infra.local.gateway import application
from infra.local.processes import EngineError
from infra.local.resources import create_bucket, create_tables, create_topics
from infra.local.settings import (
    LOOPBACK,
    NO_PROXY,
    Settings,
    enter_environment,
    lock_data_dir,
    make_folder,
    publish_stack,
    record_holder,
    retract_stack,
)
from infra.local.workers import Workers
from infra.resources import LOCAL_STAGE

_MAIL_LINES = 1
"""Lines of a morning mail that are printed: the first says whether it can be trusted. The log has them all."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The running engines; without the durable one, MiniStack is both."""

    dynamodb: Engine
    aws: Engine


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that serves. Notices wait until `welcomed` is set, so that they do not interrupt the welcome."""

    url: str
    engines: Engines
    workers: Workers
    welcomed: threading.Event

    def check(self) -> None:
        for engine in (self.engines.dynamodb, self.engines.aws):
            if not engine.child.alive():
                raise processes.ended(engine.child)
        self.workers.check()


@contextlib.contextmanager
def running(settings: Settings, say: Say) -> Iterator[Stack]:
    """Serve while the context is open. Raises DataDirLocked, PortTaken, WrongSetting or EngineError if it cannot."""
    with ExitStack() as stack:
        stack.enter_context(lock_data_dir(settings.data_dir))
        listener = stack.enter_context(server.reserve(settings.port, settings.listen))
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        record_holder(settings.data_dir, url)
        retract_stack(settings.data_dir)
        logs.write_logs(settings.logs)
        enter_environment(NO_PROXY)
        make_folder("INBOX", settings.inbox)
        settings.notices.touch()
        settings.reports.touch()

        engines = stack.enter_context(_engines(settings, say))
        resources, variables = _create_resources(engines, settings.data_dir)
        app = _load_app()
        serving, welcomed, workers = threading.Event(), threading.Event(), Workers()

        def say_when_serving(text: str) -> None:
            if serving.is_set():
                say(text)

        for subscription in (
            notices.Subscription(resources.clients, resources.notices, settings.notices),
            notices.Subscription(resources.clients, resources.reports, settings.reports, printed_lines=_MAIL_LINES),
        ):
            stack.enter_context(notices.printing(subscription, say, welcomed, workers))
        functions = functions_of(app)
        stack.enter_context(event_loop.running(functions, resources, settings.inbox, say_when_serving, workers))
        if seed.is_needed(settings.data_dir):
            _load_seed(resources, settings.data_dir, say)
        http_server = server.serve(application(app, workers.failure), listener)
        workers.watch(http_server.thread)
        stack.callback(http_server.close)
        publish_stack(settings.data_dir, url, variables)
        stack.callback(retract_stack, settings.data_dir)
        serving.set()
        yield Stack(url, engines, workers, welcomed)


@contextlib.contextmanager
def _engines(settings: Settings, say: Say) -> Iterator[Engines]:
    processes.end_stale_engines(settings.data_dir)
    ministack, dynoxide = find_ministack(), find_dynoxide()
    if ministack is None:
        raise EngineError("MiniStack, the local AWS, is not installed: make engines")
    if dynoxide is None:
        say("The durable database is not installed; MiniStack's keeps trades only if it can stop in order.")
    with ExitStack() as stack:
        stack.callback(processes.forget_engines, settings.data_dir)
        aws_engine = start_ministack(
            ministack, settings.data_dir / "aws", settings.logs / "ministack.log", dynamodb=dynoxide is None
        )
        stack.callback(aws_engine.stop)
        processes.record_engines(settings.data_dir, [aws_engine.child.pid])
        dynamodb = aws_engine
        if dynoxide is not None:
            dynamodb = start_dynoxide(dynoxide, settings.data_dir / "book.db", settings.logs / "dynoxide.log")
            stack.callback(dynamodb.stop)
            processes.record_engines(settings.data_dir, [aws_engine.child.pid, dynamodb.child.pid])
        yield Engines(dynamodb, aws_engine)


def _create_resources(engines: Engines, data_dir: Path) -> tuple[Resources, dict[str, str]]:
    clients = aws.connect(engines.dynamodb, engines.aws)
    if create_tables(clients.dynamodb, LOCAL_STAGE):
        seed.require(data_dir)
        s3_events.forget_handled(data_dir)
    bucket = create_bucket(clients.s3, LOCAL_STAGE)
    topics = create_topics(clients.sns, LOCAL_STAGE)
    variables = aws.environment(engines.dynamodb, engines.aws, bucket, topics)
    enter_environment(variables)
    queue = s3_events.subscribe(clients, bucket)
    handled = s3_events.read_handled(data_dir)
    s3_events.announce_missed(clients, bucket, queue, handled)
    topic_queues = (notices.subscribe(clients, topics.notices), notices.subscribe(clients, topics.reports))
    return Resources(clients, bucket, queue, *topic_queues, handled), variables


def _load_app() -> Any:  # noqa: ANN401 - a Chalice app
    from app import app  # noqa: PLC0415 - what it imports may read the environment, which is complete only now

    return app


def _load_seed(resources: Resources, data_dir: Path, say: Say) -> None:
    seed.add_demo_logins()
    if seed.load_samples(resources.clients.s3, resources.bucket, resources.handled):
        seed.mark_done(data_dir)
        say(seed.summary())
    else:
        say("Not all samples could be imported; the next start tries again (see voltbook.log).")
