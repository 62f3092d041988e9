"""Ends while it is imported."""

import a_package_that_is_not_there  # noqa: F401
