from tests.idp.signin.conftest import stand

__all__ = ["stand"]
