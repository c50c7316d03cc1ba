"""The default cellar: everything in one SQLite file, in WAL mode, durable before it is acknowledged."""

from store.sqlite.store import SqliteStore
from store.sqlite.verify import AuditVerdict, verify_audit

__all__ = ["AuditVerdict", "SqliteStore", "verify_audit"]
