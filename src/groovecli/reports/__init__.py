"""Results to pages, tables and pictures."""
