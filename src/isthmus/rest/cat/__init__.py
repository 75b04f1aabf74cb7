"""The `_cat` APIs: tables for people and scripts. Columns are declared once a table; `table` renders them all."""
