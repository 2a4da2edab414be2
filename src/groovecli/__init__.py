"""groove from Python: name genres, make playlists, train networks; each action is imported when used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from groovecli.actions.add_genre.run import AddGenreRequest as AddGenreRequest
    from groovecli.actions.add_genre.run import run as add_genre
    from groovecli.actions.analyses.export import ExportRequest as ExportRequest
    from groovecli.actions.analyses.export import run as export_analyses
    from groovecli.actions.analyses.merge import ImportRequest as ImportRequest
    from groovecli.actions.analyses.merge import run as import_analyses
    from groovecli.actions.apply import ApplyRequest as ApplyRequest
    from groovecli.actions.apply import run as apply
    from groovecli.actions.audit.run import AuditRequest as AuditRequest
    from groovecli.actions.audit.run import run as audit
    from groovecli.actions.between import BetweenRequest as BetweenRequest
    from groovecli.actions.between import run as between
    from groovecli.actions.check_playlist import CheckPlaylistRequest as CheckPlaylistRequest
    from groovecli.actions.check_playlist import run as check_playlist
    from groovecli.actions.classify import ClassifyRequest as ClassifyRequest
    from groovecli.actions.classify import run as classify
    from groovecli.actions.clean.run import CleanRequest as CleanRequest
    from groovecli.actions.clean.run import run as clean
    from groovecli.actions.cluster import ClusterRequest as ClusterRequest
    from groovecli.actions.cluster import run as cluster
    from groovecli.actions.compare import CompareRequest as CompareRequest
    from groovecli.actions.compare import run as compare
    from groovecli.actions.context import Context as Context
    from groovecli.actions.describe import DescribeRequest as DescribeRequest
    from groovecli.actions.describe import run as describe_songs
    from groovecli.actions.doctor.run import DoctorRequest as DoctorRequest
    from groovecli.actions.doctor.run import run as doctor
    from groovecli.actions.duplicates import DuplicatesRequest as DuplicatesRequest
    from groovecli.actions.duplicates import run as duplicates
    from groovecli.actions.embed import EmbedRequest as EmbedRequest
    from groovecli.actions.embed import run as embed
    from groovecli.actions.evaluate import EvaluateRequest as EvaluateRequest
    from groovecli.actions.evaluate import run as evaluate
    from groovecli.actions.ingest import run as ingest
    from groovecli.actions.leakage import LeakageRequest as LeakageRequest
    from groovecli.actions.leakage import run as leakage
    from groovecli.actions.map.run import MapRequest as MapRequest
    from groovecli.actions.map.run import run as map_library
    from groovecli.actions.remove_genre import RemoveGenreRequest as RemoveGenreRequest
    from groovecli.actions.remove_genre import run as remove_genre
    from groovecli.actions.report.run import ReportRequest as ReportRequest
    from groovecli.actions.report.run import run as report
    from groovecli.actions.search.run import SearchRequest as SearchRequest
    from groovecli.actions.search.run import run as search
    from groovecli.actions.similar.run import SimilarRequest as SimilarRequest
    from groovecli.actions.similar.run import run as similar
    from groovecli.actions.status.failed import FailedRequest as FailedRequest
    from groovecli.actions.status.failed import run as failed
    from groovecli.actions.status.run import StatusRequest as StatusRequest
    from groovecli.actions.status.run import run as status
    from groovecli.actions.tag.request import TagRequest as TagRequest
    from groovecli.actions.tag.run import run as tag
    from groovecli.actions.train import run as train
    from groovecli.actions.undo import UndoRequest as UndoRequest
    from groovecli.actions.undo import run as undo
    from groovecli.actions.verify.run import VerifyRequest as VerifyRequest
    from groovecli.actions.verify.run import run as verify
    from groovecli.actions.why.playlist import WhyInRequest as WhyInRequest
    from groovecli.actions.why.playlist import run as why_in
    from groovecli.actions.why.run import WhyRequest as WhyRequest
    from groovecli.actions.why.run import run as why
    from groovecli.datasets.intake import IngestRequest as IngestRequest
    from groovecli.errors import GrooveError as GrooveError
    from groovecli.home import Home as Home
    from groovecli.monitor import Monitor as Monitor
    from groovecli.training.request import TrainRequest as TrainRequest
    from groovecli.workers.cluster import Cluster as Cluster

_EXPORTS = {
    "ApplyRequest": "actions.apply:ApplyRequest",
    "AuditRequest": "actions.audit.run:AuditRequest",
    "TagRequest": "actions.tag.request:TagRequest",
    "UndoRequest": "actions.undo:UndoRequest",
    "apply": "actions.apply:run",
    "audit": "actions.audit.run:run",
    "tag": "actions.tag.run:run",
    "undo": "actions.undo:run",
    "AddGenreRequest": "actions.add_genre.run:AddGenreRequest",
    "CheckPlaylistRequest": "actions.check_playlist:CheckPlaylistRequest",
    "BetweenRequest": "actions.between:BetweenRequest",
    "ClassifyRequest": "actions.classify:ClassifyRequest",
    "Cluster": "workers.cluster:Cluster",
    "CleanRequest": "actions.clean.run:CleanRequest",
    "ClusterRequest": "actions.cluster:ClusterRequest",
    "CompareRequest": "actions.compare:CompareRequest",
    "Context": "actions.context:Context",
    "DescribeRequest": "actions.describe:DescribeRequest",
    "DoctorRequest": "actions.doctor.run:DoctorRequest",
    "DuplicatesRequest": "actions.duplicates:DuplicatesRequest",
    "EmbedRequest": "actions.embed:EmbedRequest",
    "EvaluateRequest": "actions.evaluate:EvaluateRequest",
    "FailedRequest": "actions.status.failed:FailedRequest",
    "ExportRequest": "actions.analyses.export:ExportRequest",
    "GrooveError": "errors:GrooveError",
    "Home": "home:Home",
    "ImportRequest": "actions.analyses.merge:ImportRequest",
    "IngestRequest": "datasets.intake:IngestRequest",
    "LeakageRequest": "actions.leakage:LeakageRequest",
    "MapRequest": "actions.map.run:MapRequest",
    "Monitor": "monitor:Monitor",
    "RemoveGenreRequest": "actions.remove_genre:RemoveGenreRequest",
    "ReportRequest": "actions.report.run:ReportRequest",
    "SearchRequest": "actions.search.run:SearchRequest",
    "SimilarRequest": "actions.similar.run:SimilarRequest",
    "StatusRequest": "actions.status.run:StatusRequest",
    "TrainRequest": "training.request:TrainRequest",
    "VerifyRequest": "actions.verify.run:VerifyRequest",
    "WhyInRequest": "actions.why.playlist:WhyInRequest",
    "WhyRequest": "actions.why.run:WhyRequest",
    "add_genre": "actions.add_genre.run:run",
    "check_playlist": "actions.check_playlist:run",
    "between": "actions.between:run",
    "classify": "actions.classify:run",
    "clean": "actions.clean.run:run",
    "cluster": "actions.cluster:run",
    "compare": "actions.compare:run",
    "describe_songs": "actions.describe:run",
    "doctor": "actions.doctor.run:run",
    "duplicates": "actions.duplicates:run",
    "embed": "actions.embed:run",
    "evaluate": "actions.evaluate:run",
    "failed": "actions.status.failed:run",
    "export_analyses": "actions.analyses.export:run",
    "import_analyses": "actions.analyses.merge:run",
    "ingest": "actions.ingest:run",
    "leakage": "actions.leakage:run",
    "map_library": "actions.map.run:run",
    "remove_genre": "actions.remove_genre:run",
    "report": "actions.report.run:run",
    "search": "actions.search.run:run",
    "similar": "actions.similar.run:run",
    "status": "actions.status.run:run",
    "train": "actions.train:run",
    "verify": "actions.verify.run:run",
    "why": "actions.why.run:run",
    "why_in": "actions.why.playlist:run",
}

__all__ = [  # written out for type checkers
    "AddGenreRequest",
    "ApplyRequest",
    "AuditRequest",
    "BetweenRequest",
    "CheckPlaylistRequest",
    "ClassifyRequest",
    "CleanRequest",
    "Cluster",
    "ClusterRequest",
    "CompareRequest",
    "Context",
    "DescribeRequest",
    "DoctorRequest",
    "DuplicatesRequest",
    "EmbedRequest",
    "EvaluateRequest",
    "ExportRequest",
    "FailedRequest",
    "GrooveError",
    "Home",
    "ImportRequest",
    "IngestRequest",
    "LeakageRequest",
    "MapRequest",
    "Monitor",
    "RemoveGenreRequest",
    "ReportRequest",
    "SearchRequest",
    "SimilarRequest",
    "StatusRequest",
    "TagRequest",
    "TrainRequest",
    "UndoRequest",
    "VerifyRequest",
    "WhyInRequest",
    "WhyRequest",
    "__version__",
    "add_genre",
    "apply",
    "audit",
    "between",
    "check_playlist",
    "classify",
    "clean",
    "cluster",
    "compare",
    "describe_songs",
    "doctor",
    "duplicates",
    "embed",
    "evaluate",
    "export_analyses",
    "failed",
    "import_analyses",
    "ingest",
    "leakage",
    "map_library",
    "remove_genre",
    "report",
    "search",
    "similar",
    "status",
    "tag",
    "train",
    "undo",
    "verify",
    "why",
    "why_in",
]


def __getattr__(name: str) -> Any:
    """An action, a request or what they need, imported now."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'groovecli' has no attribute {name!r}")
    module, _, attribute = _EXPORTS[name].partition(":")
    return getattr(import_module(f"groovecli.{module}"), attribute)


def __dir__() -> list[str]:
    return __all__
