"""The sweep: what did events miss? Reads everything, compares, asks mirror, tells coverage."""
