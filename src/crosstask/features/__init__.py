"""Features of data sets: their surface, and where models see them."""
