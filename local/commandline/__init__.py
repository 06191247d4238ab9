"""The command line: the only place where the library and the local cloud meet."""
