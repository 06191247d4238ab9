"""Which interface goes where: a file that people review, and a pure decision."""

from evermirror.policy.compilation import compile_policy, example_interface, load, loads
from evermirror.policy.decision import Decision, Policy, Pool, Rule, dump
from evermirror.policy.matchers import Matcher
from evermirror.policy.reading import InvalidPolicyError, Path, Problem, key_path

__all__ = [
    "Decision",
    "InvalidPolicyError",
    "Matcher",
    "Path",
    "Policy",
    "Pool",
    "Problem",
    "Rule",
    "compile_policy",
    "dump",
    "example_interface",
    "key_path",
    "load",
    "loads",
]
