"""A call's values: arguments to JSON, JSON to results, files and models."""
