"""VSwitches and security groups: where instances and interfaces may be created.

A world knows those that its fleet lists and those that its interfaces name; the ones that an
interface has by default are always there.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.world.objects import NetworkInterface, SecurityGroup, VSwitch

_USUAL = NetworkInterface("")


class Networks:
    """All vSwitches and security groups, found by id."""

    def __init__(
        self,
        vswitches: Iterable[VSwitch],
        security_groups: Iterable[SecurityGroup],
        interfaces: Iterable[NetworkInterface],
    ) -> None:
        self._vswitches = {one.id: one for one in vswitches}
        self._groups = {one.id: one for one in security_groups}
        for interface in interfaces:
            self._learn(interface)
        self._learn(_USUAL)

    @property
    def vswitches(self) -> tuple[VSwitch, ...]:
        return tuple(self._vswitches.values())

    @property
    def security_groups(self) -> tuple[SecurityGroup, ...]:
        return tuple(self._groups.values())

    def vswitch(self, vswitch_id: str) -> VSwitch | None:
        return self._vswitches.get(vswitch_id)

    def security_group(self, group_id: str) -> SecurityGroup | None:
        return self._groups.get(group_id)

    def _learn(self, interface: NetworkInterface) -> None:
        if interface.vswitch not in self._vswitches:
            vswitch = VSwitch(interface.vswitch, interface.vpc, interface.zone)
            self._vswitches[vswitch.id] = vswitch
        for group_id in interface.security_groups:
            if group_id not in self._groups:
                self._groups[group_id] = SecurityGroup(group_id, interface.vpc)
