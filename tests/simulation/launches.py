"""What people do to instances and interfaces."""

from __future__ import annotations

from .fleets import SUPPORTED, UNSUPPORTED
from .people import People, tag_parameters
from .policies import POOLS

VSWITCH, GROUP = "vsw-j6c00000000000000001", "sg-j6c0000000000000001"


def launch(people: People) -> None:
    kind = UNSUPPORTED if people.chance.random() < 0.1 else SUPPORTED
    people.call(
        "RunInstances",
        {
            "InstanceType": kind,
            "ImageId": "any",
            "VSwitchId": VSWITCH,
            "SecurityGroupId": GROUP,
            "Amount": people.chance.choice((1, 2, 4, 6)),
            **tag_parameters({"pool": people.chance.choice(POOLS)}),
        },
    )


def create_and_attach(people: People) -> None:
    running = people.instances("Running")
    if not running:
        return
    tags = {"pool": people.chance.choice(POOLS)}
    if people.chance.random() < 0.1:
        tags["mirror"] = people.chance.choice(("off", "no"))
    parameters = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP, **tag_parameters(tags)}
    made = people.call("CreateNetworkInterface", parameters)
    if made is None:
        return
    people.scheduler.sleep(people.chance.choice((2.0, 5.0)))
    _attach(people, made["NetworkInterfaceId"], people.chance.choice(running).id)


def detach(people: People) -> str | None:
    """One that is attached; returns which."""
    attached = people.secondary("InUse")
    if not attached:
        return None
    one = people.chance.choice(attached)
    where = one.instance
    people.call("DetachNetworkInterface", {"NetworkInterfaceId": one.id, "InstanceId": where})
    if people.was_accepted("DetachNetworkInterface"):
        people.note_left((one.id,))
    return str(one.id)


def attach_again(people: People) -> None:
    """One that was detached, to any instance."""
    free, running = people.secondary("Available"), people.instances("Running")
    if free and running:
        _attach(people, people.chance.choice(free).id, people.chance.choice(running).id)


def move(people: People) -> None:
    """To another instance, which may be a sensor."""
    moved = detach(people)
    if moved is None:
        return
    people.scheduler.sleep(people.chance.choice((4.0, 6.0)))
    world = people.world
    there = map(world.instances.find, world.instances.ids)
    running = [one.id for one in there if one.status == "Running"]
    if running:
        _attach(people, moved, people.chance.choice(running))


def _attach(people: People, network_interface_id: str, instance_id: str) -> None:
    parameters = {"NetworkInterfaceId": network_interface_id, "InstanceId": instance_id}
    people.call("AttachNetworkInterface", parameters)
    if people.was_accepted("AttachNetworkInterface"):
        people.left.discard(network_interface_id)


def delete_interface(people: People) -> None:
    free = people.secondary("Available")
    if free:
        people.call("DeleteNetworkInterface", {"NetworkInterfaceId": people.chance.choice(free).id})


def delete_instance(people: People) -> None:
    instances = people.instances()
    if len(instances) > 1:
        gone = people.chance.choice(instances).id
        beside = [one.id for one in people.interfaces() if one.instance == gone]
        people.call("DeleteInstance", {"InstanceId": gone, "Force": True})
        if people.was_accepted("DeleteInstance"):
            people.note_left(beside)


def reboot(people: People) -> None:
    """A sensor's instance is stopped now and then as well."""
    running = people.instances("Running")
    if people.chance.random() < 0.3:
        found = map(people.world.instances.find, people.world.instances.ids)
        running = [one for one in found if "role" in one.tags and one.status == "Running"]
    if running:
        chosen = people.chance.choice(running).id
        if people.call("StopInstance", {"InstanceId": chosen}) is not None:
            people.scheduler.sleep(60.0)
            people.call("StartInstance", {"InstanceId": chosen})


def tag_interface(people: People) -> None:
    """It is wanted elsewhere from now on, or nowhere."""
    found = [one for one in people.interfaces() if "pool" in one.tags]
    if found:
        tags = people.chance.choice(({}, {"mirror": "off"}, *({"pool": pool} for pool in POOLS)))
        _retag(people, "eni", people.chance.choice(found).id, tags)


def tag_instance(people: People) -> None:
    """It becomes a sensor, or belongs to another pool."""
    found = people.instances()
    if len(found) > 2:
        tags = people.chance.choice(({"role": "sensor"}, *({"pool": pool} for pool in POOLS)))
        _retag(people, "instance", people.chance.choice(found).id, tags)


def _retag(people: People, kind: str, resource: str, tags: dict[str, str]) -> None:
    """All of its tags are replaced."""
    one = {"ResourceType": kind, "ResourceId": [resource]}
    people.call("ecs:UntagResources", {**one, "All": True})
    if tags:
        people.call("ecs:TagResources", {**one, **tag_parameters(tags)})
