"""The peers' models as an application, installed for benchmarks only."""

from django.apps import AppConfig


class PeersConfig(AppConfig):
    """Its tables are made by `bench.peers.schema`, not by migrations."""

    name = "bench.peers"
    label = "bench_peers"
