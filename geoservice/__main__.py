"""`python -m geoservice COMMAND`."""

from geoservice.cli import main

if __name__ == "__main__":
    main()
