"""Formats: tables, JSON, CSV, workbooks and Parquet, to stdout or to a file."""
