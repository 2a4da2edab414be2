"""`python -m groovecli` is `groove`."""

from groovecli.cli.app import main

if __name__ == "__main__":
    main()
