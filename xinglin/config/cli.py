"""The ``xinglin`` command: one entry point, every module's commands below it."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import click

#: Commands that bring the installation up to date themselves, must not, or need none.
BEFORE_ANY_DATABASE = {
    "comply", "comply-score", "demo", "doctor", "make-ready", "prepare", "restore", "web", "worker",
}  # fmt: skip


# Commands that need neither Django nor a data folder and must start at once.
ALONE = {
    "run": "xinglin.config.commands.run:run",
    "comply": "xinglin.compliance.cli:comply",
    "comply-score": "xinglin.compliance.cli:comply_score",
}


class DomainGroup(click.Group):
    """Shows an error that is the user's to mend as one line, exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        from xinglin.core.errors import DomainError

        try:
            return super().invoke(ctx)
        except DomainError as error:
            fields = [f"{name}: {'; '.join(texts)}" for name, texts in error.fields.items() if name]
            lines = [str(error), *fields]
            raise click.UsageError("\n".join(dict.fromkeys(lines))) from error


@click.group(cls=DomainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xinglin", prog_name="xinglin")
def cli() -> None:
    """Xinglin 杏林 runs a hospital's marketing and patient-relations department.

    The data folder is XINGLIN_HOME (default var/), the port is PORT (default 8000); DATABASE_URL
    switches from the embedded database to PostgreSQL.
    """


def collect() -> None:
    """Add every module's commands."""
    from django.conf import settings

    for module in ["config", *settings.MODULES]:
        path = f"xinglin.{module}.cli" if module != "config" else "xinglin.config.commands.index"
        if find_spec(path) is not None:
            for command in import_module(path).COMMANDS:
                cli.add_command(command)


def main() -> None:
    """Entry point of the ``xinglin`` script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    if sys.argv[1:2] and sys.argv[1] in ALONE:
        name = sys.argv[1]
        module, _, attribute = ALONE[name].partition(":")
        getattr(import_module(module), attribute).main(args=sys.argv[2:], prog_name=f"xinglin {name}")
    import django

    django.setup()
    collect()
    words = sys.argv[1:]
    if words and words[0] in set(cli.commands) - BEFORE_ANY_DATABASE and not {"-h", "--help"} & set(words):
        from xinglin.config.commands.prepare import prepare_for_command

        prepare_for_command()
    sys.exit(cli.main(standalone_mode=True))


if __name__ == "__main__":
    main()
