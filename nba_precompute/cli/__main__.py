"""Run the command line with `python -m nba_precompute.cli`."""

from nba_precompute.cli import main

main()
