"""Addresses of interfaces: those the fleet gives, otherwise made from the id, always the same."""

from __future__ import annotations

import zlib

from localcloud.world.objects import NetworkInterface


def private_ip(interface: NetworkInterface) -> str:
    """The primary private address."""
    if interface.private_ip is not None:
        return interface.private_ip
    number = zlib.crc32(interface.id.encode())
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number % 253 + 1}"


def mac(interface: NetworkInterface) -> str:
    """The MAC address, under the prefix that ECS uses."""
    number = zlib.crc32(interface.id.encode())
    return f"00:16:3e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
