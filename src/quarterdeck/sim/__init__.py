"""A whole installation in one process and in virtual time: the real engine on a real store, and every fault at will.

The same seed gives the same run, down to the hash of its trace. Nothing here runs in the product.
"""
