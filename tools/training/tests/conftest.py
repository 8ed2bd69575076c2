"""Makes pleura_training importable, whatever the folder that pytest starts in."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
