"""What Rasa needs around it: environment variables, and logs without what citizens wrote.

Rasa's structured log is silent only when it is configured: left alone it prints every text that is
parsed. Both have to be set before Rasa is imported.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    # One core is enough for one message; more threads only fight with the other processes.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "PYTHONHASHSEED": "0",
}


def set_environment(*, cache: Path | None = None) -> None:
    """Sets the variables that are not set yet, a home folder, and the project root on PYTHONPATH.

    `cache` is the folder for Rasa's training cache; it should be empty.
    """
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    # Rasa and matplotlib keep settings in the home folder: give them one of our own.
    home = Path(os.environ.get("VAR_DIR", "var")).absolute() / "nlu" / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"HOME": str(home), "MPLCONFIGDIR": str(home)}
    known = os.environ.get("PYTHONPATH", "")
    if str(PROJECT) not in known.split(os.pathsep):
        os.environ["PYTHONPATH"] = str(PROJECT) + (os.pathsep + known if known else "")
    if cache is not None:
        os.environ["RASA_CACHE_DIRECTORY"] = str(cache)


def quiet_logging() -> None:
    """Errors and Rasa's warnings only, for the standard library's log and for structlog.

    Deprecation warnings of third packages are of no use to an operator and are dropped.
    """
    import sanic.app  # noqa: F401  (switches deprecation warnings on when it is imported)

    warnings.filterwarnings("ignore")
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.WARNING, None, True, False)
    configure_structlog(logging.WARNING)
    warnings.filterwarnings("ignore")
