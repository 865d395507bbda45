"""Names that no package may have: a folder of such a name would be imported instead of another module."""

from __future__ import annotations

import sys

# The standard library of this Python, and what it was or will be in others.
_STANDARD = sys.stdlib_module_names | {
    *(
        "aifc",
        "annotationlib",
        "antigravity",
        "asynchat",
        "asyncore",
        "audioop",
        "binhex",
        "cgi",
        "cgitb",
        "chunk",
    ),
    *(
        "compression",
        "crypt",
        "distutils",
        "formatter",
        "idlelib",
        "imghdr",
        "imp",
        "lib2to3",
        "mailcap",
        "msilib",
    ),
    *(
        "nis",
        "nntplib",
        "ossaudiodev",
        "parser",
        "pipes",
        "smtpd",
        "sndhdr",
        "spwd",
        "sunau",
        "symbol",
        "telnetlib",
    ),
    *("test", "this", "tomllib", "uu", "xdrlib", "zoneinfo"),
}
# Modules that Python, pip and pytest import by name from the first place where they find them.
_STARTED = {
    *("conftest", "pip", "pkg_resources", "setup", "setuptools", "sitecustomize", "usercustomize", "wheel"),
    *("coverage", "iniconfig", "pluggy", "py", "pytest", "hypothesis", "sortedcontainers"),
}
_OURS = {"gradio", "gradio_client", "spacegen", "spacegen_runtime", "spacegen_templates", "mcp"}
# The dependencies of spacegen and its runtime, and their dependencies.
_NEEDED = {
    *("annotated_doc", "annotated_types", "anyio", "argcomplete", "attr", "attrs", "black", "blackd"),
    *("blib2to3", "brotli", "brotlicffi", "certifi", "charset_normalizer", "click", "colorama"),
    *("datamodel_code_generator", "dateutil", "dotenv", "exceptiongroup", "filelock", "fsspec", "genson"),
    *("graphql", "h11", "h2", "hf_xet", "hpack", "httpcore", "httpx", "httpx_sse", "huggingface_hub"),
    *("hyperframe", "idna", "inflect", "isort", "jinja2", "markdown_it", "markupsafe", "mdurl"),
    *("more_itertools", "mypy_extensions", "msgspec", "packaging", "pathspec", "platformdirs", "pydantic"),
    *("pydantic_core", "pydantic_settings", "pygments", "pytokens"),
    *(
        "requests",
        "rich",
        "ruff",
        "shellingham",
        "six",
        "sniffio",
        "socksio",
        "toml",
        "tomli",
        "tqdm",
        "typeguard",
    ),
    *("typer", "typer_slim", "typing_extensions", "typing_inspection", "urllib3", "uvloop", "winloop"),
    *("yaml", "zstandard"),
}
# What the runtime imports if it is installed: libraries for arrays, frames and pictures.
_OFFERED = {
    *("dask", "datasets", "distributed", "fastapi", "ipython", "numpy", "orjson", "pandas", "pil"),
    *("polars", "pyarrow", "ray", "starlette", "torch", "uvicorn"),
}
# Windows keeps these names for devices.
_DEVICES = {
    *("aux", "con", "nul", "prn"),
    *(f"{device}{number}" for device in ("com", "lpt") for number in range(10)),
}

NOT_A_PACKAGE = frozenset(name.lower() for name in _STANDARD) | _STARTED | _OURS | _NEEDED | _OFFERED | _DEVICES
"""All in lower case."""
