"""Commands that run the house itself, in the order of the help; importing them needs Django set up."""

import click

from xinglin.config.commands.backup import backup, restore
from xinglin.config.commands.demo import demo
from xinglin.config.commands.doctor import doctor
from xinglin.config.commands.keys import keys
from xinglin.config.commands.prepare import prepare
from xinglin.config.commands.run import make_ready, run, web, worker

COMMANDS: list[click.Command] = [run, make_ready, web, worker, prepare, demo, doctor, backup, restore, keys]
