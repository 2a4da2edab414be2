"""groove from Python: name genres, make playlists, train networks; each action is imported when used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from groovecli.actions.add_genre.run import AddGenreRequest as AddGenreRequest
    from groovecli.actions.add_genre.run import run as add_genre
    from groovecli.actions.classify import ClassifyRequest as ClassifyRequest
    from groovecli.actions.classify import run as classify
    from groovecli.actions.cluster import ClusterRequest as ClusterRequest
    from groovecli.actions.cluster import run as cluster
    from groovecli.actions.compare import CompareRequest as CompareRequest
    from groovecli.actions.compare import run as compare
    from groovecli.actions.context import Context as Context
    from groovecli.actions.embed import EmbedRequest as EmbedRequest
    from groovecli.actions.embed import run as embed
    from groovecli.actions.evaluate import EvaluateRequest as EvaluateRequest
    from groovecli.actions.evaluate import run as evaluate
    from groovecli.actions.ingest import run as ingest
    from groovecli.actions.leakage import LeakageRequest as LeakageRequest
    from groovecli.actions.leakage import run as leakage
    from groovecli.actions.remove_genre import RemoveGenreRequest as RemoveGenreRequest
    from groovecli.actions.remove_genre import run as remove_genre
    from groovecli.actions.train import run as train
    from groovecli.datasets.intake import IngestRequest as IngestRequest
    from groovecli.errors import GrooveError as GrooveError
    from groovecli.home import Home as Home
    from groovecli.monitor import Monitor as Monitor
    from groovecli.training.request import TrainRequest as TrainRequest

_EXPORTS = {
    "AddGenreRequest": "actions.add_genre.run:AddGenreRequest",
    "ClassifyRequest": "actions.classify:ClassifyRequest",
    "ClusterRequest": "actions.cluster:ClusterRequest",
    "CompareRequest": "actions.compare:CompareRequest",
    "Context": "actions.context:Context",
    "EmbedRequest": "actions.embed:EmbedRequest",
    "EvaluateRequest": "actions.evaluate:EvaluateRequest",
    "GrooveError": "errors:GrooveError",
    "Home": "home:Home",
    "LeakageRequest": "actions.leakage:LeakageRequest",
    "IngestRequest": "datasets.intake:IngestRequest",
    "Monitor": "monitor:Monitor",
    "RemoveGenreRequest": "actions.remove_genre:RemoveGenreRequest",
    "TrainRequest": "training.request:TrainRequest",
    "add_genre": "actions.add_genre.run:run",
    "classify": "actions.classify:run",
    "cluster": "actions.cluster:run",
    "compare": "actions.compare:run",
    "embed": "actions.embed:run",
    "evaluate": "actions.evaluate:run",
    "leakage": "actions.leakage:run",
    "ingest": "actions.ingest:run",
    "remove_genre": "actions.remove_genre:run",
    "train": "actions.train:run",
}

__all__ = [  # written out for type checkers
    "AddGenreRequest",
    "ClassifyRequest",
    "ClusterRequest",
    "CompareRequest",
    "Context",
    "EmbedRequest",
    "EvaluateRequest",
    "GrooveError",
    "Home",
    "IngestRequest",
    "LeakageRequest",
    "Monitor",
    "RemoveGenreRequest",
    "TrainRequest",
    "__version__",
    "add_genre",
    "classify",
    "cluster",
    "compare",
    "embed",
    "evaluate",
    "ingest",
    "leakage",
    "remove_genre",
    "train",
]


def __getattr__(name: str) -> Any:
    """An action, a request or what they need, imported now."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'groovecli' has no attribute {name!r}")
    module, _, attribute = _EXPORTS[name].partition(":")
    return getattr(import_module(f"groovecli.{module}"), attribute)


def __dir__() -> list[str]:
    return __all__
