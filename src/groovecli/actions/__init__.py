"""What groove does: one file a command, each `run(request, context) -> result`; the Python API."""
