"""What other clusters ask of this one: their searches as ours, and our answers as theirs."""
