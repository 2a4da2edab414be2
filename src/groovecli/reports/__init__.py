"""What `--report DIR` writes: figures as JSON, pictures as PNG, and one page that shows them all."""

from groovecli.reports.folder import history_of, write_evaluation, write_training
from groovecli.reports.tables import protocol, space_figures, to_json

__all__ = ["history_of", "protocol", "space_figures", "to_json", "write_evaluation", "write_training"]
