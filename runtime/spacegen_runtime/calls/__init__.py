"""One call, from its arguments to its result: what it says, its job, its session."""
