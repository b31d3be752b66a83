"""The organisation's catalogue as it is kept, edited and announced."""
