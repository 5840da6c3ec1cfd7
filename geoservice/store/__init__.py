"""One noun a module: its tables and its queries. The only home of SQL.

Every table is loaded with the package: a foreign key can only be followed to a table that is known.
"""

from geoservice.store import schema as schema
