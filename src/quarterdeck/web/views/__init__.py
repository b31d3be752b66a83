"""The pages, one module a noun. Each lists its routes in `ROUTES`; what they change, they change through
`app`.
"""
