"""What `evermirror build` makes: zips whose bytes depend on what is in them and on nothing else."""
