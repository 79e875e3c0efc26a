"""An app that processes started by tests have besides: a kind of job that can be watched and killed."""
