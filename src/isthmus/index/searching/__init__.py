"""The best documents of one index: by score or by values, a page of them, and how many there are."""
