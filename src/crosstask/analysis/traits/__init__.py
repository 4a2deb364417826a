"""Latent traits: components and factors of the matrix, and whether they are more than noise."""
