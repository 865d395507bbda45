"""`python -m spacegen`."""

from spacegen.cli import main

if __name__ == "__main__":
    main()
