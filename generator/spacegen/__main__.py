"""`python -m spacegen`."""

from spacegen.commands.main import main

if __name__ == "__main__":
    main()
