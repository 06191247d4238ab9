"""A cold start of mirror, from a new process to the first published outcome, as it is deployed.

Beside it, in turn, so that a machine that slows down slows all: the same job on the vendor's own
clients, and the same requests by `http.client` alone. All three run on Python 3.12 with bytecode,
against the local cloud with settle 0. Needs that Python; the first time, its development set is
installed for the clients.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from commandline.control import Control
from commandline.packages.bytecode import compiled
from commandline.packages.interpreters import find_interpreter
from commandline.packages.unpacking import Built, unpack

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, VERSION = "python3.12", "3.12"
PROCESS = Path(__file__).with_name("cold_start_process.py")
ROUNDS, WARM = 15, 100
SESSIONS = 30
CLIENTS = ("alibabacloud_vpc20160428", "alibabacloud_ecs20140526", "alibabacloud_fc20230330")
REGION, ACCOUNT = "cn-hongkong", "1234567890123456"
Line = tuple[str, float, str]


@dataclass(frozen=True, slots=True)
class Job:
    """A way to do the job: its module, and where modules are found."""

    name: str
    module: str
    path: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: seconds to the first published outcome, peak memory, modules."""

    seconds: float
    memory_mib: float
    modules: int


def cold_start() -> list[Line]:
    """The lines of the benchmark; none, and a word on stderr, where there is no Python 3.12."""
    python = find_interpreter(VERSION)
    if python is None:
        print(f"cold start is not measured: no CPython {VERSION} here", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="evermirror-bench-") as name:
        folder = Path(name)
        jobs = _jobs(python, folder)
        with _cloud(folder) as control:
            run = _Runs(python, folder, control)
            return [*_starts(run, jobs), *_warm(run, jobs[0]), *_sizes(folder)]


def _jobs(python: Path, folder: Path) -> tuple[Job, Job, Job]:
    """Ours first. The comparators get bytecode as ours has it."""
    environment = ROOT / f".venv-{VERSION}"
    if not (environment / ".development-set").exists():
        set_up = ["sh", "requirements/set-up.sh", str(python), str(environment), "development"]
        subprocess.run(set_up, cwd=ROOT, check=True, stdout=sys.stderr)
    policy = folder / "policy.json"
    policy.write_text(json.dumps(_policy()), encoding="utf-8")
    _evermirror(
        *("build", "--runtime", RUNTIME, "--policy", str(policy), "--into", str(folder / "zips")),
        *("--downloads", str(ROOT / ".build/downloads")),
    )
    laid_out = folder / "laid-out"
    folders = ["functions/mirror", "layers/evermirror"]
    (opt,) = unpack(Built(folder / "zips", RUNTIME), folders, laid_out).packages
    # The platform unpacks all layers into one folder.
    library = laid_out / "layers/evermirror/python/evermirror"
    library.rename(opt / "evermirror")
    others = folder / "others"
    others.mkdir()
    files = {f"{job}.py": (ROOT / f"bench/{job}.py").read_bytes() for job in OTHERS}
    for path, content in {**files, **compiled(files, str(others), python)}.items():
        (others / path).parent.mkdir(exist_ok=True)
        (others / path).write_bytes(content)
    site_packages = environment / f"lib/python{VERSION}/site-packages"
    return (
        Job("cold_start", "index", [laid_out / "functions/mirror", opt]),
        Job("cold_start_official", "official_job", [others, site_packages]),
        Job("cold_start_bare", "bare_job", [others]),
    )


OTHERS = ("official_job", "bare_job")


def _policy() -> dict[str, Any]:
    return {
        "version": 1,
        "pools": {"bench": {"sessions": _sessions()}},
        "rules": [{"name": "all", "match": {}, "pool": "bench"}],
        "default": "never",
    }


def _sessions() -> list[str]:
    return [f"tms-j6c{number:017}" for number in range(1, SESSIONS + 1)]


def _evermirror(*arguments: str) -> None:
    subprocess.run([_command(), *arguments], cwd=ROOT, check=True, stdout=sys.stderr)


def _command() -> str:
    return str(Path(sys.executable).with_name("evermirror"))


@contextmanager
def _cloud(folder: Path) -> Iterator[Control]:
    """A local cloud in a process of its own; what runs beside a start is waited for after it."""
    fleet = {
        "settle_s": 0,
        "limits": {"requests_per_minute": None},
        "fleet": {"instances": SESSIONS * 10, "sessions": SESSIONS},
    }
    (folder / "fleet.json").write_text(json.dumps(fleet), encoding="utf-8")
    up = [_command(), "up", "--port", "0", "--fleet", str(folder / "fleet.json")]
    with subprocess.Popen(up, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline() if process.stdout else "")
            with Control(ready["endpoint"]) as control:
                yield control
        finally:
            process.terminate()


class _Runs:
    """Starts processes, each with events that nobody had before."""

    def __init__(self, python: Path, folder: Path, control: Control) -> None:
        self._python = python
        self._folder = folder
        self._control = control
        self._used = 0

    def run(self, job: Job, events: int = 1) -> tuple[float, list[str]]:
        """Seconds until something was published, and what the process told after that."""
        sent = b"\n".join(self._event() for _ in range(events))
        command = [str(self._python), "-I", "-S", str(PROCESS), job.module, *map(str, job.path)]
        (self._folder / "events").write_bytes(sent)
        with (
            (self._folder / "events").open("rb") as given,
            subprocess.Popen(
                command,
                env=self._environment(),
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            began = time.perf_counter()
            told = process.stderr.readline() if process.stderr else ""
            seconds = time.perf_counter() - began
            rest = process.stderr.read() if process.stderr else ""
        if told != "published\n":
            raise RuntimeError(f"{job.name}: {told}{rest}")
        self._control.wait_until_idle(30)
        return seconds, rest.splitlines()

    def _event(self) -> bytes:
        self._used += 1
        event = json.loads((ROOT / "events/mirror/attach-by-api.json").read_bytes())
        asked = event["data"]["requestParameters"]
        asked["NetworkInterfaceId"] = f"eni-j6c{self._used:015}"
        asked["InstanceId"] = f"i-j6c{self._used:016}"
        event["id"] = f"bench-{self._used}"
        return json.dumps(event).encode()

    def _environment(self) -> Mapping[str, str]:
        arn = f"acs:fc:{REGION}:{ACCOUNT}:functions"
        return {
            "EVERMIRROR_MODE": "act",
            "EVERMIRROR_POLICY": str(self._folder / "laid-out/policy/policy.json"),
            "EVERMIRROR_MAX_SOURCES": "1000",
            "EVERMIRROR_NOTIFY": f"{arn}/notify",
            "EVERMIRROR_MIRROR": f"{arn}/mirror",
            "EVERMIRROR_ENDPOINT": self._control.endpoint,
            "JOB_SESSIONS": " ".join(_sessions()),
            "FC_REGION": REGION,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "local-access-key-id",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-access-key-secret",
            "ALIBABA_CLOUD_SECURITY_TOKEN": "local-security-token",
            "LANG": "C.UTF-8",
        }


def _starts(runs: _Runs, jobs: Sequence[Job]) -> Iterator[Line]:
    starts: dict[str, list[Start]] = {job.name: [] for job in jobs}
    # One round for the disk's cache and for notify's own start, which nobody is charged for.
    for number in range(ROUNDS + 1):
        for job in jobs:
            seconds, (told, *_) = runs.run(job)
            peak, modules = told.split()
            if number:
                starts[job.name].append(Start(seconds, int(peak) / 1024, int(modules)))
    by_round = [starts[job.name] for job in jobs]
    ours, official, bare = map(_median, by_round)
    for job, start in zip(jobs, (ours, official, bare), strict=True):
        yield f"{job.name}_time", start.seconds * 1e3, "ms"
        yield f"{job.name}_memory", start.memory_mib, "MiB"
        yield f"{job.name}_modules", start.modules, "modules"
    yield "cold_start_time_to_official", _ratio(by_round[0], by_round[1]), "ratio"
    yield "cold_start_memory_to_official", ours.memory_mib / official.memory_mib, "ratio"
    yield "cold_start_time_to_bare", _ratio(by_round[0], by_round[2]), "ratio"


def _ratio(ours: Sequence[Start], theirs: Sequence[Start]) -> float:
    """Round by round, since what slows the machine down slows a whole round."""
    return median(one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True))


def _median(starts: Sequence[Start]) -> Start:
    return Start(
        median(start.seconds for start in starts),
        median(start.memory_mib for start in starts),
        round(median(start.modules for start in starts)),
    )


def _warm(runs: _Runs, ours: Job) -> Iterator[Line]:
    _, (_, *told) = runs.run(ours, 1 + WARM)
    microseconds = sorted(map(float, told))
    yield "warm_event_own_work", median(microseconds) / 1e3, "ms"
    # On a machine that others use as well, the rest is partly theirs.
    yield "warm_event_own_work_p10", microseconds[WARM // 10] / 1e3, "ms"


def _sizes(folder: Path) -> Iterator[Line]:
    """Of what is deployed, unpacked; the clients' with all that they require."""
    laid_out = folder / "laid-out"
    yield "cold_start_package", _size(laid_out), "MB"
    zips = (folder / "zips").glob("*.zip")
    yield "cold_start_zips", sum(path.stat().st_size for path in zips) / 1e6, "MB"
    asked = subprocess.run(
        [ROOT / f".venv-{VERSION}/bin/python", "-I", "-c", CLOSURE, *CLIENTS],
        capture_output=True,
        text=True,
        check=True,
    )
    yield "cold_start_official_package", int(asked.stdout) / 1e6, "MB"


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


CLOSURE = """
import sys
from importlib.metadata import PackageNotFoundError, distribution
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
wanted, seen = list(sys.argv[1:]), {}
while wanted:
    name = canonicalize_name(wanted.pop())
    if name in seen:
        continue
    try:
        seen[name] = found = distribution(name)
    except PackageNotFoundError:
        continue
    required = [Requirement(one) for one in found.requires or []]
    wanted += [r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]
files = {f.locate() for found in seen.values() for f in found.files or []}
print(sum(path.stat().st_size for path in files if path.is_file()))
"""
