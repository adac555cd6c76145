"""Reading scripts: what a script does with its contract, told from its syntax tree and never by running it."""
