"""A library to its report: measure the space, count what it holds, write the page."""
