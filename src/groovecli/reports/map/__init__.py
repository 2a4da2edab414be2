"""The map of a library as a page: what it holds, packed small, and the script that draws it."""
