"""What this cluster asks of others: our searches as theirs, and their answers as ours."""
