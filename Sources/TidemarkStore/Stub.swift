// TidemarkStore
