"""`python -m isthmus` is the program `isthmus`."""

from isthmus.cli.main import main

main()
