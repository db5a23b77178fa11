"""The history of the tables, one file a revision in `versions/`. A revision that was released is never edited."""
