"""Raw arrays.  Each module here offers the same names over one library's arrays.

`backend.numpy` is always there; others are imported on first need.  Arrays are positional,
metadata is keyword-only, and names follow the array API standard where it has one.
"""
