"""Finds rules that can never decide, because a rule that nobody can reach is a wrong belief."""

from __future__ import annotations

from evermirror.policy.matchers import AllOf, AnyOf, Matcher, Not, OneOf, Tagged


def implies(narrow: Matcher, wide: Matcher) -> bool:
    """Say whether everything that matches `narrow` is sure to match `wide`.

    Sound, not complete: True is a proof; False only means that none was found.
    """
    if narrow == wide:
        return True
    if isinstance(wide, AllOf):
        return all(implies(narrow, operand) for operand in wide.operands)
    if isinstance(narrow, AnyOf):
        return all(implies(operand, wide) for operand in narrow.operands)
    if isinstance(wide, AnyOf) and any(implies(narrow, operand) for operand in wide.operands):
        return True
    if isinstance(narrow, AllOf):
        return any(implies(operand, wide) for operand in narrow.operands)
    return _implies_as_leaf(narrow, wide)


def _implies_as_leaf(narrow: Matcher, wide: Matcher) -> bool:
    if isinstance(narrow, Not) and isinstance(wide, Not):
        return implies(wide.operand, narrow.operand)
    if isinstance(narrow, OneOf) and isinstance(wide, OneOf):
        return narrow.fact == wide.fact and narrow.wanted <= wide.wanted
    if isinstance(narrow, Tagged) and isinstance(wide, Tagged):
        same_tag = (narrow.of_instance, narrow.tag) == (wide.of_instance, wide.tag)
        return same_tag and narrow.wanted <= wide.wanted
    return False
