"""Each service is found where the official clients look for it."""

from __future__ import annotations

import pytest

from evermirror.aliyun.endpoints import Endpoints
from evermirror.errors import SettingsError


@pytest.mark.parametrize(
    ("product", "region", "address"),
    [
        ("vpc", "cn-hongkong", "https://vpc.cn-hongkong.aliyuncs.com"),
        ("ecs", "cn-hongkong", "https://ecs.cn-hongkong.aliyuncs.com"),
        ("vpc", "cn-hangzhou", "https://vpc.aliyuncs.com"),
        ("ecs", "cn-hangzhou", "https://ecs-cn-hangzhou.aliyuncs.com"),
        ("ecs", "cn-shanghai-finance-1", "https://ecs-cn-hangzhou.aliyuncs.com"),
        ("vpc", "xx-tomorrow-9", "https://vpc.xx-tomorrow-9.aliyuncs.com"),
    ],
)
def test_a_service_is_found_in_its_region(product: str, region: str, address: str) -> None:
    assert Endpoints(region)(product) == address


def test_inside_a_vpc_the_exceptions_do_not_hold() -> None:
    inside = Endpoints("cn-hangzhou", internal=True)

    assert inside("vpc") == "https://vpc-vpc.cn-hangzhou.aliyuncs.com"
    assert inside("ecs") == "https://ecs-vpc.cn-hangzhou.aliyuncs.com"


def test_function_compute_is_found_by_account_and_region() -> None:
    outside, inside = Endpoints("cn-hongkong"), Endpoints("cn-hongkong", internal=True)
    account = "1234567890123456"

    assert (
        outside.function_compute(account, "cn-beijing")
        == f"https://{account}.cn-beijing.fc.aliyuncs.com"
    )
    assert (
        inside.function_compute(account, "cn-hongkong")
        == f"https://{account}.cn-hongkong-internal.fc.aliyuncs.com"
    )


def test_an_override_replaces_every_address() -> None:
    local = Endpoints("cn-hangzhou", override="http://127.0.0.1:8080/", internal=True)

    assert local("vpc") == "http://127.0.0.1:8080"
    assert local("ecs") == "http://127.0.0.1:8080"
    assert local.function_compute("1", "x") == "http://127.0.0.1:8080"


@pytest.mark.parametrize("region", ["", "evil.example.com/", "cn-hongkong\n", "CN-HONGKONG", "cn"])
def test_a_text_that_is_no_region_becomes_no_host(region: str) -> None:
    with pytest.raises(SettingsError, match="region"):
        Endpoints(region)


def test_an_override_must_be_an_address() -> None:
    with pytest.raises(SettingsError, match="http"):
        Endpoints("cn-hongkong", override="127.0.0.1:8080")


@pytest.mark.parametrize(("account", "region"), [("x", "cn-hongkong"), ("1" * 16, "h.example/")])
def test_function_compute_of_nowhere_becomes_no_host(account: str, region: str) -> None:
    with pytest.raises(SettingsError):
        Endpoints("cn-hongkong").function_compute(account, region)
