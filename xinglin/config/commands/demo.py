import json
import time

import click
from django.utils import timezone


@click.command()
@click.option("--people", type=click.IntRange(100, 2_000_000), default=20_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed gives the same hospital")
@click.option("--remove", is_flag=True, help="take the demo hospitals away, with all that belongs to them")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text")
def demo(people: int, seed: int, remove: bool, shape: str) -> None:
    """Make a believable demo hospital with a year of touches, or remove it."""
    from xinglin.config.commands.prepare import prepare_home
    from xinglin.config.demo import account_list, make_demo, remove_demo

    prepare_home()
    started = time.monotonic()
    if remove:
        rows = remove_demo(now=timezone.now())
        if shape == "json":
            click.echo(json.dumps({"removed": rows}))
        else:
            click.echo(f"removed {rows:,} rows" if rows else "there is no demo hospital")
        return

    def say(done: int, total: int) -> None:
        if shape == "text":
            click.echo(f"\r{done:,} of {total:,} people", nl=False)

    make_demo(people=people, seed=seed, say=say)
    took = time.monotonic() - started
    if shape == "json":
        click.echo(json.dumps({"people": people, "seed": seed, "seconds": round(took, 1)}))
        return
    click.echo(f"\nmade in {took:.0f} s\n\n{account_list()}")
