"""What an instance is told: its environment variables, and what its context is made of.

Only what the template declares and what the platform sets gets in; nothing of the machine does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.credentials import Key
from localcloud.functioncompute.resources import Function
from localcloud.functioncompute.template import Deployment


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an instance runs: interpreter, the folder standing for /opt, and the stack's place."""

    interpreter: Path
    opt: Path
    deployment: Deployment
    environment: Callable[[], Mapping[str, str]] = dict


def handlers_of(function: Function) -> dict[str, str]:
    """What the process may be asked for, and the handler of each."""
    hooks = {"initialize": function.initializer, "pre_stop": function.pre_stop}
    found = {kind: hook.handler for kind, hook in hooks.items() if hook is not None}
    return {"invoke": function.handler, **found}


def start_message(function: Function, placement: Placement, key: Key | None) -> dict[str, object]:
    return {
        "handlers": handlers_of(function),
        "runtime": function.runtime,
        "code": str(function.folder),
        "opt": str(placement.opt),
        "region": placement.deployment.region,
        "account_id": placement.deployment.account_id,
        "log_project": function.log_project,
        "log_store": function.log_store,
        "function": {
            "name": function.name,
            "handler": function.handler,
            "memory": function.memory_mb,
            "timeout": function.timeout_s,
        },
        "credentials": {
            "access_key_id": key.access_key_id if key else "",
            "access_key_secret": key.access_key_secret if key else "",
            "security_token": key.security_token if key else "",
        },
    }


def environment_of(
    instance_id: str, function: Function, placement: Placement, key: Key | None
) -> dict[str, str]:
    """Exactly the variables of an instance: the function's, the platform's, and a bare PATH.

    Function Compute 3.0, "Environment variables". A value below /opt is moved to the folder
    that stands for it.
    """
    version = "FC_VER_ID" if function.runtime == "python3.10" else "FC_FUNCTION_VERSION"
    variables = {**function.environment, **placement.environment()}
    return {
        **{name: _moved(value, placement.opt) for name, value in variables.items()},
        "FC_ACCOUNT_ID": placement.deployment.account_id,
        "FC_REGION": placement.deployment.region,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": function.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "FC_FUNC_CODE_PATH": str(function.folder),
        "FC_INSTANCE_ID": instance_id,
        "FC_CUSTOM_LISTEN_PORT": "9000",
        version: "LATEST",
        **(_credentials(key) if key is not None else {}),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }


def _credentials(key: Key) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": key.security_token or "",
    }


def _moved(value: str, opt: Path) -> str:
    return f"{opt}{value[len('/opt') :]}" if value == "/opt" or value.startswith("/opt/") else value
