"""Many files at once: how work is spread over processes and threads."""
