"""
The database: SQLite in one file, or PostgreSQL, through one code.

All SQL of the project lives in this folder. Nothing here is imported unless a store is opened: SQLAlchemy takes a
third of a second, and Alembic, which only `migrate` needs, as long again.
"""
