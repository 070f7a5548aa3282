"""The composition root: settings, URL trees, entry points and the embedded servers. Nobody imports it."""
