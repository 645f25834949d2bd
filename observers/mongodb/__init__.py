"""The copy of a run directory in MongoDB, in the layout of Sacred's MongoObserver."""
