"""The shell commands of the documents, and which of them no test runs, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tidy.source import PROJECT

PAGES = ("README.md", "README.zh.md", "CONTRIBUTING.md", "docs/*.md", "docs/reference/*.md")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANY_FENCE = re.compile(r"^```(.*)$", re.MULTILINE)

ABSENT = "the file is not in the repository; tests/feeds reads it when it is there"

NOT_RUN_HERE = {
    r"git clone .*": "the address is the reader's; test_make_run.py clones the repository itself",
    r"cd tanhui": "goes with git clone",
    r"make (setup|run)( PORT=\d+)?": "run in a clean clone by tests/docs/test_make_run.py",
    r".*\bspark-class\b.*": "runs until stopped; bench/cluster.py runs it",
    r".* --master spark://.*": "needs the reader's cluster; test_spark_cluster.py runs one",
    r"make setup-spark": "make test does it before its tests",
    r"make test": "it is what runs this test",
    r"make check": "a part of make test",
    r"apt-get install .*": "changes the system",
    r".*\btaps-2018-09-01\.csv\b.*": ABSENT,
    r".*\bsessions\.csv\b.*": ABSENT,
    r".*tanhui serve.*": "runs until stopped; make run does it in tests/docs/test_make_run.py",
    r".*\bDATABASE_URL=.*": "needs a server of the reader's; every test runs on such an address",
    r"(pg_dump|pg_restore|rsync|createdb|createuser|systemctl)\b.*": "the operator's own machines",
    r".*\bvar/(my|platform)-law\b.*": "test_expert_guide.py walks the guide step by step",
    r"python -m tanhui\.interfaces\.api\.client .*": "tests/web signs and uploads with it",
}


@dataclass(frozen=True)
class Command:
    """One line for the shell, and the page it is on."""

    page: str
    line: str

    @property
    def why_not_run(self) -> str | None:
        """The reason why the test of the documents does not run it, or None when it does."""
        for pattern, reason in NOT_RUN_HERE.items():
            if re.fullmatch(pattern, self.line):
                return reason
        return None


def commands(pattern: str) -> Iterator[Command]:
    """Commands of the pages that fit `pattern`, in the order of reading; comments left out."""
    for path in sorted(PROJECT.glob(pattern)):
        for block in SHELL.findall(path.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                told = re.sub(r"\s+", " ", line.partition(" #")[0]).strip()
                if told and not told.startswith("#"):
                    yield Command(path.relative_to(PROJECT).as_posix(), told)
