"""groove's own folder and every place in it, and the folders that are included in the package."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from groovecli.checked import Checked
from groovecli.files import sha256_hex
from groovecli.messages.ground import no_home_folder, nothing_shipped, unfit_name
from groovecli.paths import StrPath, expanded, in_home

PACKAGE = Path(__file__).resolve().parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLAIN_FOLDER = re.compile(r"[a-z0-9][a-z0-9 _-]{0,59}")


@dataclass(frozen=True)
class Home(Checked):
    """groove's own folder; nothing below it need exist yet."""

    path: StrPath

    @classmethod
    def default(cls) -> Home:
        """GROOVE_HOME, else the platform's user data folder: the one place that asks for either.

        Raises
        ------
        UsageError
            Neither is set, and the user has no home folder.
        """
        if chosen := os.environ.get("GROOVE_HOME"):
            return cls(expanded(Path(chosen)))
        try:
            import platformdirs

            path = platformdirs.user_data_path("groove", False)
        except RuntimeError as error:
            raise no_home_folder() from error
        return cls(in_home(path))

    @property
    def folder(self) -> Path:
        """The folder as a Path."""
        return Path(self.path)

    @property
    def catalog(self) -> Path:
        """The SQLite catalogue."""
        return self.folder / "catalog.db"

    @property
    def models(self) -> Path:
        """The folder of trained models, one folder each."""
        return self.folder / "models"

    @property
    def model_in_use(self) -> Path:
        """The file with the choice of models; without the file, none was chosen."""
        return self.folder / "model-in-use.json"

    @property
    def comparisons(self) -> Path:
        """The folder of the models of comparisons, which are never used by other commands."""
        return self.folder / "comparisons"

    @property
    def vectors(self) -> Path:
        """The folder of the word vectors that models need."""
        return self.folder / "vectors"

    @property
    def embeddings(self) -> Path:
        """The folder of the vectors that models gave of songs, beside the catalogue."""
        return self.folder / "embeddings"

    @property
    def maps(self) -> Path:
        """The folder of where songs stood on the last maps, a file a library."""
        return self.folder / "maps"

    @property
    def backups(self) -> Path:
        """The folder of the catalogue's copies."""
        return self.folder / "backups"

    @property
    def changes(self) -> Path:
        """The folder of what was written down before songs were moved or tagged."""
        return self.folder / "changes"

    def dataset(self, name: str) -> Path:
        """The folder of a dataset's chunk files."""
        return self.folder / "datasets" / checked_name(name, "dataset")


def checked_name(name: str, kind: str) -> str:
    """Return `name` if it can safely be a folder's name, else raise a UsageError."""
    if not _NAME.fullmatch(name):
        raise unfit_name(name, kind)
    return name


def genre_folder(genre: str) -> str:
    """A folder name for any genre, the genre itself where that is harmless everywhere."""
    if _PLAIN_FOLDER.fullmatch(genre) and genre == genre.strip():
        return genre
    slug = re.sub(r"[^a-z0-9]+", "-", genre.lower()).strip("-")[:40] or "genre"
    return f"{slug}-{sha256_hex(genre.encode('utf-8', 'surrogateescape'), 8)}"


def shipped(name: str) -> Path:
    """A folder that is included in groove: in the installed package, else in the repository.

    A wheel carries `pretrained` inside the package; an editable install has it beside `src`.
    """
    for folder in (PACKAGE / name, PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise nothing_shipped(name)
