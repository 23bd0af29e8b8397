"""HTTP in, values out: the route table and one file per resource."""
