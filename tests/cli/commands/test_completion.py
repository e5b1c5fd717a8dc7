"""`voltbook completion`: scripts that a shell reads, and what they are answered."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.cli.conftest import CommandLine


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, run: CommandLine) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_VOLTBOOK_COMPLETE={shell}_complete" in result.stdout


def test_bash_reads_it(run: CommandLine) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = run("completion", "bash").stdout
    read = subprocess.run([bash, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "offers"),
    [("voltbook sc", "scorecard"), ("voltbook report --by t", "trader"), ("voltbook profiles set-p", "set-password")],
)
def test_what_is_begun_is_completed(words: str, offers: str) -> None:
    asked = {"_VOLTBOOK_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-c", "from cli.__main__ import main; main()"]
    done = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"plain,{offers}"]
