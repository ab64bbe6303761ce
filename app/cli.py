"""The command line: `./run COMMAND`, or `python -m app.cli COMMAND`.

Ends with 0 when all is done, 1 when something was looked at and is not right, 2 for a
command or settings that make no sense, 3 when the work could not be done. Whatever goes
wrong is one sentence on standard error.
"""

from __future__ import annotations

from app.commands.group import PortalCommands

main = PortalCommands(
    name="./run",
    help="Assay: assess the vendors of AI systems, and keep the answer true.",
    no_args_is_help=True,
)

if __name__ == "__main__":
    main(prog_name="./run")
