"""What holds for every test: no account to reach, no machine's settings, and a clock far away from Berlin."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.engines",  # before those that import it, or pytest could not rewrite its assertions
    "tests.fixtures.api",
    "tests.fixtures.conflicts",
    "tests.fixtures.consistent_reads",
    "tests.fixtures.contracts",
    "tests.fixtures.cost",
    "tests.fixtures.log_lines",
    "tests.fixtures.package",
    "tests.fixtures.processes",
    "tests.fixtures.waiting",
]

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")

NOT_OURS = (
    *("ALLOWED_HOSTS", "AWS_", "VOLTBOOK_", "COLUMNS", "DATA_DIR"),
    *("FORCE_COLOR", "INBOX", "LISTEN", "NO_COLOR", "PORT"),
)
OURS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Nobody's profiles: a folder that can hold no file.
    "XDG_CONFIG_HOME": os.devnull,
    # Thirteen hours ahead at most: whatever leans on the machine's time zone lands on another day.
    "TZ": "Pacific/Auckland",
}


# Under nohup, and in the background of a script, they are ignored, and so they would be by what tests start and end so.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _neutral_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(NOT_OURS)]:
            patch.delenv(name)
        for name, value in OURS.items():
            patch.setenv(name, value)
        time.tzset()
        yield
    time.tzset()
