"""The people outside: kept, merged, erased for good, told everything that is kept about them."""
