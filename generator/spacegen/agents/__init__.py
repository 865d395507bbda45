"""Packages as tools of a language model: their descriptions, and a server of the Model Context Protocol."""
