"""`python -m caseloom` is the command line."""

import sys

from caseloom.web.cli import main

sys.exit(main())
