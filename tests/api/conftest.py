"""The API's fixtures: an account, and its first super admin as a visitor."""

from __future__ import annotations

import pytest

from tests.api.visitor import Visitor, admin_of
from tests.post.office import Office


@pytest.fixture
def admin(office: Office) -> Visitor:
    """The super admin whom the account began with."""
    return admin_of(office)
