"""A local stand-in for the parts of the cloud that Evermirror lives on."""
