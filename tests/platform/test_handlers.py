"""What a handler sees and what becomes of what it does, by the platform's documented rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.platform.conftest import OWN_ENVIRONMENT, Served, wait_until


def invoke(served: Served, name: str = "it", payload: bytes = b"{}") -> tuple[str | None, Any]:
    """The error type and the decoded body of a synchronous invocation from inside."""
    invoked = served.run(served.platform.invocations.invoke(name, payload))
    return invoked.error_type, json.loads(invoked.body)


@pytest.mark.parametrize(
    ("returned", "body"),
    [
        ("'text'", b"text"),
        ("b'\\xff\\x00'", b"\xff\x00"),
        ("None", b"null"),
        ("{'b': 1, 'a': [True]}", b'{\n    "a": [\n        true\n    ],\n    "b": 1\n}'),
        ("__import__('decimal').Decimal('1.5')", b"1.5"),
        ("__import__('datetime').date(2026, 1, 2)", b'"2026-01-02"'),
    ],
)
def test_a_result_is_encoded_as_documented(workshop: Any, returned: str, body: bytes) -> None:
    workshop.function("it", f"def handler(event, context):\n    return {returned}\n")
    served = workshop.serve()
    assert served.run(served.platform.invocations.invoke("it", b"")).body == body


def test_a_result_that_json_cannot_say_is_a_function_error(workshop: Any) -> None:
    workshop.function("it", "def handler(event, context):\n    return object()\n")
    error_type, body = invoke(workshop.serve())
    assert error_type == "UnhandledInvocationError"
    assert body["errorType"] == "TypeError"


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        ("import nowhere", "index.handler", "ImportModuleError", "Unable to import module 'index'"),
        ("def (", "index.handler", "UserCodeSyntaxError", "Syntax error in module 'index'"),
        ("", "index.handler", "HandlerNotFound", "Handler 'handler' is missing on module 'index'"),
        ("", "index", "InvalidHandleName", "Invalid handler 'index'"),
        ("1 / 0", "index.handler", "UserCodeError", "Module initialization error: 'division by"),
        ("", "other.handler", "ImportModuleError", "Unable to import module 'other'"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_named(
    workshop: Any, code: str, handler: str, kind: str, message: str
) -> None:
    workshop.function("it", code, Handler=handler)
    error_type, body = invoke(workshop.serve())
    assert error_type == "UnhandledInvocationError"
    assert body["errorType"] == kind
    assert body["errorMessage"].startswith(message)
    assert all(isinstance(line, str) for line in body.get("stackTrace", []))


CONTEXT = """
import logging

def plain(value):
    known = vars(value) if hasattr(value, "__dict__") else value
    return {k: plain(v) for k, v in known.items()} if isinstance(known, dict) else known

def handler(event, context):
    before = context.logger is None
    context.getLogger().info("seen")
    return {**plain({k: v for k, v in vars(context).items() if k != "logger"}), "before": before}
"""


def test_the_context_has_the_shape_of_python_3_12(workshop: Any) -> None:
    workshop.function("it", CONTEXT, Timeout=60, LogConfig={"Project": "p", "Logstore": "s"})
    served = workshop.serve()
    _, context = invoke(served)
    request_id = context.pop("request_id")
    assert request_id.startswith("1-")
    assert context == {
        "account_id": "1234567890123456",
        "region": "cn-hongkong",
        "function": {
            "name": "it",
            "handler": "index.handler",
            "memory": 512,
            "timeout": 60,
            "version_id": "",
            "qualifier": "LATEST",
        },
        "log_project": "p",
        "log_store": "s",
        "before": True,
    }
    (line,) = [
        one["text"] for one in served.control("GET", "functions/it/log") if "seen" in one["text"]
    ]
    assert line.endswith(f"Z {request_id} [INFO] seen")


def test_the_context_has_the_shape_of_python_3_10(workshop: Any) -> None:
    workshop.function("it", CONTEXT, Runtime="python3.10")
    _, context = invoke(workshop.serve())
    assert context["requestId"] == context["request_id"]
    assert context["credentials"]["access_key_id"].startswith("STS.local-")
    assert set(context["credentials"]) == {
        "access_key_id",
        "access_key_secret",
        "security_token",
    }
    assert context["function"]["timeout"] == "30"
    assert set(context["service"]) == {
        "name",
        "log_project",
        "log_store",
        "qualifier",
        "version_id",
    }
    assert set(context["tracing"]) == {"span_context", "jaeger_endpoint", "span_baggages"}
    assert context["retry_count"] == 0


def test_a_function_finds_exactly_its_own_environment(workshop: Any) -> None:
    workshop.function(
        "it",
        "import os, sys\ndef handler(event, context):\n    return {**os.environ}\n",
        EnvironmentVariables={"WHERE": "/opt/policy.json", "EMPTY": ""},
    )
    served = workshop.serve(environment=lambda: {"EXTRA": "yes"})
    _, environment = invoke(served)
    assert environment["WHERE"] == str(workshop.folder / "run/opt/it/policy.json")
    assert environment["EXTRA"] == "yes"
    assert set(environment) == {
        *("WHERE", "EMPTY", "EXTRA", "PATH", "LANG"),
        *("FC_ACCOUNT_ID", "FC_REGION", "FC_FUNCTION_NAME", "FC_FUNCTION_HANDLER"),
        *("FC_FUNCTION_MEMORY_SIZE", "FC_FUNC_CODE_PATH", "FC_INSTANCE_ID"),
        *("FC_CUSTOM_LISTEN_PORT", "FC_FUNCTION_VERSION"),
        *("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    }
    assert "HOME" in OWN_ENVIRONMENT
    key = served.platform_key(environment["ALIBABA_CLOUD_ACCESS_KEY_ID"])
    assert key is not None
    assert key.caller.function == "it"
    assert key.caller.instance_id == environment["FC_INSTANCE_ID"]


def test_neither_local_cloud_nor_packages_can_be_imported_by_a_function(workshop: Any) -> None:
    workshop.function(
        "it",
        "def handler(event, context):\n"
        "    import importlib.util as u\n"
        "    names = 'localcloud', 'commandline', 'yaml', 'pytest', 'evermirror', 'resources'\n"
        "    return [name for name in names if u.find_spec(name)]\n",
    )
    assert invoke(workshop.serve()) == (None, [])


def test_layers_are_merged_and_the_first_listed_wins(workshop: Any) -> None:
    for layer, files in {
        "first": {"python/shared/a.py": "WHO = 'first'", "python/lone.py": "WHO = 'first'"},
        "second": {"python/shared/a.py": "WHO = 'second'", "python/shared/b.py": "WHO = 'second'"},
        "third": {"python/shared/sub/c.py": "WHO = 'third'", "bin/tool": "x"},
    }.items():
        for name, text in files.items():
            path = Path(workshop.folder, layer, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        workshop.resource(layer, "ALIYUN::FC3::LayerVersion", LayerName=layer)
        workshop.folders[layer] = layer
    (workshop.folder / "packages/localcloud").mkdir(parents=True)
    (workshop.folder / "packages/apart.py").write_text("WHO = 'packages'")
    (workshop.folder / "policy.json").write_text('{"version": 1}')
    for special in ("site-packages", "policy"):
        workshop.resource(special, "ALIYUN::FC3::LayerVersion", LayerName=special)
        workshop.folders[special] = special
    order = ["first", "second", "third", "site-packages", "policy"]
    workshop.function(
        "it",
        "import shared.a, shared.b, shared.sub.c, lone, apart, os, pathlib\n"
        "def handler(event, context):\n"
        "    opt = pathlib.Path(os.environ['OPT'])\n"
        "    modules = shared.a, shared.b, shared.sub.c, lone, apart\n"
        "    files = [(opt / 'bin/tool').read_text(), (opt / 'policy.json').read_text()]\n"
        "    hidden = (opt / 'python/localcloud').exists()\n"
        "    return [*(one.WHO for one in modules), *files, hidden]\n",
        Layers=[{"Fn::GetAtt": [name, "LayerVersionArn"]} for name in order],
        EnvironmentVariables={"OPT": "/opt"},
    )
    served = workshop.serve(
        packages=(workshop.folder / "packages",), policy=workshop.folder / "policy.json"
    )
    assert invoke(served) == (
        None,
        ["first", "second", "third", "first", "packages", "x", '{"version": 1}', False],
    )
    assert not (workshop.folder / "second/python/shared/sub").exists()


def test_a_warm_instance_is_used_again(workshop: Any) -> None:
    workshop.function(
        "it",
        "seen = []\ndef handler(event, context):\n    seen.append(event)\n    return len(seen)\n",
    )
    served = workshop.serve()
    assert [invoke(served)[1] for _ in range(3)] == [1, 2, 3]
    assert len(served.processes()) == 1


def test_invocations_at_the_same_time_have_an_instance_each_and_leave_each_other_alone(
    workshop: Any,
) -> None:
    workshop.function(
        "it",
        "import os, time\n"
        "def handler(event, context):\n"
        "    while os.path.exists(event):\n"
        "        time.sleep(0.01)\n"
        "    return os.getpid()\n",
    )
    hold = workshop.folder / "hold"
    hold.touch()
    served = workshop.serve()
    first = served.submit(served.platform.invocations.invoke("it", str(hold).encode()))
    assert wait_until(lambda: len(served.processes()) == 1)
    others = {invoke(served)[1] for _ in range(2)}
    hold.unlink()
    assert first.result(5).error_type is None
    assert len(others) == 1
    assert json.loads(first.result().body) not in others
