"""Why an interface is mirrored, or is not, session by session, and what to do about it."""

from evermirror.explanation.explaining import Explanation, explain, explain_all
from evermirror.explanation.steps import Step

__all__ = ["Explanation", "Step", "explain", "explain_all"]
