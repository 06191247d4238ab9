"""Actions of the ECS API, version 2014-05-26."""
