"""Function Compute as the template describes it, with a process for every instance."""
