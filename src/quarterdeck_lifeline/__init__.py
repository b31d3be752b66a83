"""The lifeline: pages people itself when the product is silent. Standard library only."""
