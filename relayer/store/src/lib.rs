//! The disk: redb tables, versions and the event log.
