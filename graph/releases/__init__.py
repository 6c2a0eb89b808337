"""The API's releases: the schema of the last one, what has changed since, and whether clients were told."""
