"""The `voice` command as it is in an environment that has the wheel.

An editable install starts 10 ms later: its finder imports half the standard library before `voice` begins.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from tests import link_tree

_SCRIPT = """#!{python}
import sys
from claude_narrator.daemon.cli import main
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(main())
"""
"""What pip makes of an entry point."""


def installed_voice(folder: Path) -> Path:
    """Return `voice` in a virtual environment made at `folder`, which has the modules as a wheel has them."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    link_tree.main(packages)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (folder / "bin").mkdir()
    python, voice = folder / "bin" / "python", folder / "bin" / "voice"
    python.symlink_to(Path(sys.executable).resolve())
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", folder)
    voice.write_text(_SCRIPT.format(python=python), encoding="utf-8")
    voice.chmod(0o755)
    return voice
