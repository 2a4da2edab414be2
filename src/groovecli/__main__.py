"""`groove`, and `python -m groovecli`."""

from groovecli.cli import interrupts


def main() -> None:
    """Run `groove`; Ctrl-C is heard before its modules are imported."""
    interrupts.listen()
    from groovecli.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
