"""What runs on a worker of Dask's, whose Python need not have the project: it keeps a host process, which has.

The modules are sent to the worker. They import the standard library, distributed and each other only.
"""
