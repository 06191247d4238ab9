"""Actions of the VPC API, version 2016-04-28."""
