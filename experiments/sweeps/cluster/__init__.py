"""Runs of a sweep on other machines: any cluster of Dask's, or one that dask-jobqueue starts on a batch system."""
