"""The instance types whose interfaces may be the target of more sources than others.

From the quota table of the page "Traffic mirroring overview" (VPC).
"""

from __future__ import annotations

LARGE_TARGET_TYPES = frozenset(
    {
        "ecs.c6e.26xlarge",
        "ecs.c6t.26xlarge",
        "ecs.c7.32xlarge",
        "ecs.c7nex.32xlarge",
        "ecs.c7t.32xlarge",
        "ecs.c8i.48xlarge",
        "ecs.ebmc6a.64xlarge",
        "ecs.ebmc6e.26xlarge",
        "ecs.ebmc7.32xlarge",
        "ecs.ebmc7a.64xlarge",
        "ecs.ebmg6a.64xlarge",
        "ecs.ebmg6e.26xlarge",
        "ecs.ebmg7.32xlarge",
        "ecs.ebmg7a.64xlarge",
        "ecs.ebmg7se.32xlarge",
        "ecs.ebmhfc7.48xlarge",
        "ecs.ebmhfg7.48xlarge",
        "ecs.ebmhfr7.48xlarge",
        "ecs.ebmr6a.64xlarge",
        "ecs.ebmr6e.26xlarge",
        "ecs.ebmr7.32xlarge",
        "ecs.ebmr7a.64xlarge",
        "ecs.g5ne.18xlarge",
        "ecs.g6e.26xlarge",
        "ecs.g6t.26xlarge",
        "ecs.g7.32xlarge",
        "ecs.g7ne.24xlarge",
        "ecs.g7nex.32xlarge",
        "ecs.g7t.32xlarge",
        "ecs.g8i.48xlarge",
        "ecs.r6e.26xlarge",
        "ecs.r7.32xlarge",
        "ecs.r7t.32xlarge",
    }
)
