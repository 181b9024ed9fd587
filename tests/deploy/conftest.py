"""Workers of tests of the deployment run at their own speed, as those of fault runs do."""

from tests.faults.conftest import unmeasured

__all__ = ["unmeasured"]
