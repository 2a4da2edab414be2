"""What groove does: a file per command, each `run(request, context) -> result`; the Python API."""
