"""Environment of the test runs; loaded by pytest before Django's settings are read."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "key-of-the-tests-only")
os.environ.setdefault("LIVING_EXAMPLE", "true")
os.environ.setdefault("FAST_PASSWORDS", "true")
os.environ.setdefault("REGION", "tomsk")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="reserve-portal-tests-"))
# WhiteNoise warns of a missing folder, and warnings are errors.
os.makedirs(os.path.join(os.environ["DATA_DIR"], "static"), exist_ok=True)
