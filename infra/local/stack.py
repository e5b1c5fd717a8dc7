"""The whole local stack: started in order, and stopped in reverse whatever happens in between.

Logs go to files: the terminal shows only what the operator needs.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from infra.local import aws, event_loop, logs, notices, processes, s3_events, seed, server
from infra.local.engines import (
    Endpoint,
    Engine,
    find_dynoxide,
    find_endpoint,
    find_ministack,
    new_key,
    start_dynoxide,
    start_ministack,
)
from infra.local.event_loop import Resources, Say, Workers, functions_of
from infra.local.gateway import application
from infra.local.hosts import is_known
from infra.local.recent_samples import RecentSamples
from infra.local.settings import (
    LOOPBACK,
    NO_PROXY,
    CannotServe,
    Samples,
    Settings,
    enter_environment,
    lock_data_dir,
    make_folder,
    publish_stack,
    record_holder,
    retract_stack,
)
from infra.local.uploads import Uploads
from infra.resources import LOCAL_STAGE

_BEGAN_WITH = "SAMPLES=0: the samples and demo logins of an earlier start stay; no more are added."
_BEGAN_WITHOUT = "This book began without samples and gets none. Another DATA_DIR begins a book with them."
_MAIL_LINES = 1  # that are printed: the first says whether the mail can be trusted; the log has them all


Engines = tuple[Engine | Endpoint, Engine | Endpoint]


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that serves. Notices wait until `welcomed` is set, so that they do not interrupt the welcome."""

    url: str
    engines: Engines
    workers: Workers
    welcomed: threading.Event
    first_password: str | None
    """Of the admin that this start made."""

    def check(self) -> None:
        for engine in self.engines:
            if isinstance(engine, Engine):
                processes.check(engine.child)
        self.workers.check()


@contextlib.contextmanager
def running(settings: Settings, say: Say) -> Iterator[Stack]:
    """Serve while the context is open. Raises CannotServe or WrongSetting."""
    with ExitStack() as stack:
        stack.enter_context(lock_data_dir(settings.data_dir))
        listener = stack.enter_context(server.reserve(settings.port, settings.listen))
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        record_holder(settings.data_dir, url)
        retract_stack(settings.data_dir)
        logs.write(settings.logs, say)
        enter_environment(NO_PROXY)
        make_folder("INBOX", settings.inbox)
        settings.notices.touch()
        settings.reports.touch()

        engines = stack.enter_context(_engines(settings, say))
        resources, variables = _create_resources(engines, settings.data_dir)
        from app import app  # noqa: PLC0415 - what it imports may read the environment, which is complete only now

        serving, welcomed, workers = threading.Event(), threading.Event(), Workers()

        def say_when_serving(text: str) -> None:
            if serving.is_set():
                say(text)

        notes = notices.Subscription(resources.clients, resources.notices, settings.notices)
        mails = notices.Subscription(resources.clients, resources.reports, settings.reports, _MAIL_LINES)
        printing = {each.log.stem: partial(notices.run, each, say, welcomed) for each in (notes, mails)}
        stack.enter_context(workers.running(**printing))
        functions = functions_of(app)
        stack.enter_context(event_loop.running(functions, resources, settings.inbox, say_when_serving, workers))
        first_password, prepare = _seeded(resources, settings, say)
        stack.enter_context(event_loop.polling(functions, prepare, say_when_serving, workers))
        serves = partial(is_known, others=settings.allowed_hosts)
        uploads = Uploads(resources.clients.s3, resources.bucket)
        http_server = server.serve(application(app, workers.failure, serves, uploads), listener)
        workers.watch(http_server.thread)
        stack.callback(http_server.close)
        publish_stack(settings.data_dir, url, variables)
        stack.callback(retract_stack, settings.data_dir)
        serving.set()
        yield Stack(url, engines, workers, welcomed, first_password)


@contextlib.contextmanager
def _engines(settings: Settings, say: Say) -> Iterator[Engines]:
    """Yield the engine for DynamoDB and the one for the rest of AWS; an endpoint or MiniStack may be both."""
    processes.end_stale_engines(settings.data_dir)
    if settings.ignored_endpoint:
        say(f"AWS_ENDPOINT_URL={settings.ignored_endpoint} is ignored: make up ENDPOINT=1 would use it.")
    if settings.endpoint is not None:
        endpoint = find_endpoint(settings.endpoint)
        processes.record_engines(settings.data_dir, [])
        yield endpoint, endpoint
        return
    ministack, dynoxide = find_ministack(), find_dynoxide()
    if ministack is None:
        raise CannotServe("MiniStack, the local AWS, is not installed: make engines")
    if dynoxide is None:
        say("The durable database is not installed; MiniStack's keeps trades only if it can stop in order.")
    with ExitStack() as stack:
        stack.callback(processes.forget_engines, settings.data_dir)
        key = new_key()
        state, log = settings.data_dir / "aws", settings.logs / "ministack.log"
        aws_engine = start_ministack(ministack, state, log, dynamodb=dynoxide is None, key=key)
        stack.callback(aws_engine.stop)
        processes.record_engines(settings.data_dir, [aws_engine.child.pid])
        dynamodb = aws_engine
        if dynoxide is not None:
            dynamodb = start_dynoxide(dynoxide, settings.data_dir / "book.db", settings.logs / "dynoxide.log", key=key)
            stack.callback(dynamodb.stop)
            processes.record_engines(settings.data_dir, [aws_engine.child.pid, dynamodb.child.pid])
        if not (dynamodb.is_enclosed() and aws_engine.is_enclosed()):
            say("This system lets no program have a network of its own, so other accounts can reach the engines.")
        yield dynamodb, aws_engine


def _create_resources(engines: Engines, data_dir: Path) -> tuple[Resources, dict[str, str]]:
    clients = aws.connect(*engines)
    if aws.create_tables(clients.dynamodb, LOCAL_STAGE):
        seed.require(data_dir)
        s3_events.forget_handled(data_dir)
    bucket = aws.create_bucket(clients.s3, LOCAL_STAGE)
    topics = aws.create_topics(clients.sns, LOCAL_STAGE)
    variables = aws.environment(*engines, bucket, topics)
    enter_environment(variables)
    queue = s3_events.subscribe(clients, bucket)
    handled = s3_events.read_handled(data_dir)
    s3_events.announce_missed(clients, bucket, queue, handled)
    topic_queues = (notices.subscribe(clients, topics.notices), notices.subscribe(clients, topics.reports))
    return Resources(clients, bucket, queue, *topic_queues, handled), variables


def _seeded(resources: Resources, settings: Settings, say: Say) -> tuple[str | None, Callable[[], None]]:
    """Load what a new book begins with. Return a new admin's password, and what to do before each poll.

    A book that did not begin with recent samples never gets any.
    """
    begun = seed.begun_with(settings.data_dir)
    samples = RecentSamples(resources.clients.s3, resources.bucket, settings.inbox, resources.handled)
    password = _load_seed(resources, samples, settings, say) if begun is None else None
    if begun is not None and (begun is Samples.NONE) != (settings.samples is Samples.NONE):
        say(_BEGAN_WITH if settings.samples is Samples.NONE else _BEGAN_WITHOUT)

    def keep_up() -> None:
        samples.keep_up(datetime.now(UTC))

    if settings.samples is not Samples.RECENT or begun not in {None, Samples.RECENT}:
        return password, lambda: None
    if begun is not None:
        keep_up()
    return password, keep_up


def _load_seed(resources: Resources, samples: RecentSamples, settings: Settings, say: Say) -> str | None:
    kind, now = settings.samples, datetime.now(UTC)
    if kind is Samples.NONE:
        password = seed.add_admin()
        seed.mark_done(settings.data_dir, kind)
        return password
    seed.add_demo_logins()
    if kind is Samples.RECENT:
        loaded, summary = samples.load(now), samples.summary(now)
    else:
        loaded = seed.load_samples(resources.clients.s3, resources.bucket, resources.handled)
        summary = seed.summary()
    if loaded:
        seed.mark_done(settings.data_dir, kind)
        say(summary)
    else:
        say("Not all samples could be imported; the next start tries again (see voltbook.log).")
    return None
