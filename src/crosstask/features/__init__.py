"""Features of data sets: their surface, and their embeddings by models."""
