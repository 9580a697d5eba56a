"""Rows of the op table, one module per family."""
