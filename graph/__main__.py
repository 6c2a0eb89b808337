"""`python -m graph > schema.graphql`: the schema, for code generators and for review."""

import sys

from graph.schema import schema

sys.stdout.write(schema.as_str() + "\n")
