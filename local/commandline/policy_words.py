"""What each key of the policy file means, in a sentence, as editors show it."""

from __future__ import annotations

from collections.abc import Mapping

_FACTS: Mapping[str, str] = {
    "vpc": "The interface is in one of these VPCs.",
    "vswitch": "The interface is in one of these vSwitches.",
    "zone": "The interface is in one of these zones.",
    "security_group": "The interface is in at least one of these security groups.",
    "tags": "The interface has all of these tags, each with one of the values given for it.",
    "type": "The interface is of one of these types.",
    "network_interface": "The interface is one of these.",
    "resource_group": "The interface is in one of these resource groups.",
    "instance": "The interface belongs to one of these instances.",
    "instance_tags": (
        "The instance of the interface has all of these tags, each with one of the values given."
    ),
    "instance_family": "The instance of the interface is of one of these families (ecs.g7).",
}

WORDS: Mapping[str, str] = {
    "policy.version": "The version of this format: 1.",
    "policy.pools": (
        "Pools by name: traffic mirror sessions that stand in for one another. An interface is in "
        "one session of its pool at a time."
    ),
    "policy.members": (
        "Trunk and member interfaces (Kubernetes with Terway): `skip` leaves them alone; `try` "
        "lets the rules decide, and the cloud refuse."
    ),
    "policy.rules": "Rules in order; the first that matches an interface decides.",
    "policy.default": "Where an interface goes that no rule matches: `never`, or {pool: NAME}.",
    "policy.expect": "Tests of this policy, run by every check: this interface goes there.",
    "default.pool": "The pool of every interface that no rule matches.",
    "pool.sessions": "Traffic mirror sessions of this pool, by id.",
    "pool.discover": "Sessions of this pool, by what they have in common; read at every run.",
    "pool.targets": (
        "Where the pool's sessions mirror to: network interfaces and load balancers. A session "
        "that mirrors elsewhere is ineffective."
    ),
    "pool.filter": "The filter of the pool's sessions; a session with another is ineffective.",
    "pool.directions": (
        "Directions in which the filter must accept something; if left out, one is enough."
    ),
    "pool.was": (
        "What the pool was called before: sessions that it made under these names stay its own."
    ),
    "pool.sensors": (
        "What receives the mirrored traffic: never mirrored, whatever the rules say. Required "
        "where a target is a load balancer."
    ),
    "pool.grow": (
        "How the pool makes another session when all are full. Only in a stack that allows growth."
    ),
    "discover.filter": "Sessions with this traffic mirror filter.",
    "discover.target": "Sessions that mirror to this network interface or load balancer.",
    "discover.tags": "Sessions that have all of these tags.",
    "discover.name_prefix": "Sessions whose names begin like this.",
    "grow.filter": "The traffic mirror filter of the sessions that are made.",
    "grow.targets": "Where they mirror to: session number k takes target k, round and round.",
    "grow.priorities": (
        "The first and the last priority that may be used, 1 to 32766, in no other pool: session "
        "number k has the k-th. A session with a lower number takes packets first."
    ),
    "grow.max_sessions": "How many sessions the pool may make.",
    "grow.name": "Sessions are called NAME-0, NAME-1, and so on; the pool's name if left out.",
    "grow.packet_length": "Bytes mirrored of a packet, 64 to 8500; the cloud's own if left out.",
    "grow.resource_group": "The resource group of the sessions.",
    "grow.tags": "Tags of the sessions, besides the one by which Evermirror knows them.",
    "target.id": "A network interface or an internal load balancer.",
    "target.type": "NetworkInterface, or SLB for a load balancer.",
    "rule.name": "What outcomes and reports call this rule; its position if left out.",
    "rule.match": "What the rule asks of an interface; {} matches every one.",
    "rule.pool": "The pool of what matches.",
    "rule.never": "What matches is not mirrored.",
    "expectation.interface": "An interface in the words of a match; what is not said, it has not.",
    "expectation.pool": "The pool that it must go to.",
    "expectation.never": "It must not be mirrored.",
    "expectation.rule": "The rule that must decide.",
    **{f"match.{key}": sentence for key, sentence in _FACTS.items()},
    "match.all": "Every one of these matches.",
    "match.any": "At least one of these matches.",
    "match.not": "This does not match.",
    "interface.vpc": "Its VPC.",
    "interface.vswitch": "Its vSwitch.",
    "interface.zone": "Its zone.",
    "interface.security_group": "Its security groups.",
    "interface.tags": "Its own tags.",
    "interface.type": "Its type; Primary if left out.",
    "interface.network_interface": "Its id.",
    "interface.resource_group": "Its resource group.",
    "interface.instance": "The instance that it belongs to.",
    "interface.instance_tags": "The tags of its instance.",
    "interface.instance_family": "The family of its instance (ecs.g7).",
    "interface.service_managed": "Whether another cloud service manages it.",
    "interface.trunk_network_interface": "The trunk interface that it is a member of.",
}
