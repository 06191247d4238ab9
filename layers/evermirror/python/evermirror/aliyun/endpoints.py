"""Where each service listens in a region, kept apart because the exceptions change with time.

Source: the endpoint maps of the official clients for VPC 2016-04-28 and ECS 2014-05-26, and the
Function Compute documentation on endpoints.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from urllib.parse import urlsplit

from evermirror.errors import SettingsError
from evermirror.values import dataclass

REGION = re.compile(r"[a-z]{2}-[a-z]+(-[a-z0-9]+)*")
ACCOUNT = re.compile(r"[0-9]{5,20}")

EXCEPTIONS = MappingProxyType(
    {
        ("vpc", "cn-hangzhou"): "vpc.aliyuncs.com",
        ("vpc", "cn-hangzhou-finance"): "vpc.aliyuncs.com",
        ("vpc", "cn-shanghai-finance-1"): "vpc.aliyuncs.com",
        ("vpc", "cn-shenzhen-finance-1"): "vpc.aliyuncs.com",
        ("vpc", "cn-north-2-gov-1"): "vpc.aliyuncs.com",
        ("ecs", "cn-hangzhou"): "ecs-cn-hangzhou.aliyuncs.com",
        ("ecs", "cn-hangzhou-finance"): "ecs.aliyuncs.com",
        ("ecs", "cn-shanghai-finance-1"): "ecs-cn-hangzhou.aliyuncs.com",
        ("ecs", "cn-shenzhen-finance-1"): "ecs-cn-hangzhou.aliyuncs.com",
        ("ecs", "cn-north-2-gov-1"): "ecs.aliyuncs.com",
    }
)


def is_address(text: str) -> bool:
    """Whether this is an http or https address with a host, and a port that can be one."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address in them, a port beyond 65535
        return False


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses for one region.

    `override` replaces every address (a local cloud); `internal` takes the ones that are
    reachable from inside a VPC without the internet.
    """

    region: str
    override: str | None = None
    internal: bool = False

    def __post_init__(self) -> None:
        if not REGION.fullmatch(self.region):
            raise SettingsError(f"{self.region!r} is not a region id")
        if self.override is not None and not is_address(self.override):
            raise SettingsError(f"{self.override!r} is not an http or https address")

    def __call__(self, product: str) -> str:
        """The base address of `vpc` or `ecs`, without a slash at the end."""
        if self.override is not None:
            return self.override.rstrip("/")
        if self.internal:
            return f"https://{product}-vpc.{self.region}.aliyuncs.com"
        usual = f"{product}.{self.region}.aliyuncs.com"
        return f"https://{EXCEPTIONS.get((product, self.region), usual)}"

    def function_compute(self, account_id: str, region: str) -> str:
        """The base address of an account's Function Compute, without a slash at the end."""
        if self.override is not None:
            return self.override.rstrip("/")
        if not ACCOUNT.fullmatch(account_id) or not REGION.fullmatch(region):
            raise SettingsError(f"{account_id!r} in {region!r} is not an account in a region")
        network = "-internal" if self.internal else ""
        return f"https://{account_id}.{region}{network}.fc.aliyuncs.com"
