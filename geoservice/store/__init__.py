"""One noun a module: its tables and its queries. The only home of SQL."""
