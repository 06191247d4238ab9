"""Invoking functions asynchronously, behind one port, because two generations of them exist."""

from evermirror.invocation.by_arn import ByArn, Sent
from evermirror.invocation.fc2 import Fc2Invoker
from evermirror.invocation.fc3 import Fc3Invoker
from evermirror.invocation.port import InvocationError, Invoker

__all__ = ["ByArn", "Fc2Invoker", "Fc3Invoker", "InvocationError", "Invoker", "Sent"]
