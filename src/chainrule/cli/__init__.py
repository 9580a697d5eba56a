"""The command line: `chainrule train digits`.

Every command is a module here with `add_arguments(parser)` and `run(args)`; it is imported only
when it is asked for, so `chainrule --help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from chainrule.errors import ChainruleError

COMMANDS = {
    "train": "train a model on a dataset and write a report",
    "models": "list the models and what they are",
    "run": "run a PyTorch program, unchanged, on chainrule",
    "check": "say which of a program's torch names are here, without running it",
}


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["run"]:  # what follows the program's name belongs to the program
        from chainrule.cli import run

        return run.main(arguments[1:])
    chosen = next((a for a in arguments if not a.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="chainrule",
        description="Automatic differentiation and deep learning whose gradients can be read.",
        epilog="chainrule COMMAND --help explains a command.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, what in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=what,
            description=what.capitalize() + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            module = importlib.import_module(f"chainrule.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    if args.version:
        from chainrule import VERSION

        print(f"chainrule {VERSION}")
        return 0
    if args.command is None:
        parser.print_help()
        return 2
    try:
        return int(args.run(args) or 0)
    except ChainruleError as error:
        print(f"chainrule {args.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = None  # type: ignore[assignment]
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        print(f"chainrule {args.command}: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nchainrule {args.command}: stopped.", file=sys.stderr)
        return 130
