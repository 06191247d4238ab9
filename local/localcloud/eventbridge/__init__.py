"""EventBridge as far as events need it: patterns, rules, queues and streams into functions."""
