"""The suite's asserts speak as clearly as a test module's own."""

import pytest

pytest.register_assert_rewrite("tests.idp.authority.conformance")
