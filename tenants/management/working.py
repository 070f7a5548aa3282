"""A worker process: the dispatcher beside the job engine's own worker, living and dying together."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from procrastinate.contrib.django import app, connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from tenants.management.dispatching import Dispatcher, Pace
from tenants.statements.jobs import PLATFORM, QUEUE

# Seconds that running jobs are given at an orderly stop; what is not done by then is taken back later.
GRACE = 6.0
POLLING = 2.0


class WorkerLost(RuntimeError):
    """The worker ended without being asked to, most likely because the database went away."""


@dataclass
class WorkerProcess:
    """Runs `concurrency` jobs at a time, each in a thread with connections of its own."""

    concurrency: int
    pace: Pace

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises WorkerLost where nobody asked for the end."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.concurrency + 2, thread_name_prefix="job"))
        asked = asyncio.Event()
        engine = asyncio.create_task(self._engine())

        def fail() -> None:
            loop.call_soon_threadsafe(engine.cancel)

        dispatcher = Dispatcher(self.pace, failed=fail)

        def stop() -> None:
            asked.set()
            dispatcher.stop()
            engine.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        dispatcher.start()
        try:
            with suppress(asyncio.CancelledError):
                await engine
        finally:
            dispatcher.stop()
            await asyncio.to_thread(dispatcher.join)
        if not asked.is_set():
            raise WorkerLost from dispatcher.error

    async def _engine(self) -> None:
        connector = PsycopgConnector(
            kwargs=connector_params(PLATFORM), min_size=2, max_size=max(4, self.concurrency)
        )
        async with app.with_connector(connector).open_async() as engine:
            await engine.run_worker_async(
                queues=[QUEUE],
                concurrency=self.concurrency,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=POLLING,
                shutdown_graceful_timeout=GRACE,
                update_heartbeat_interval=self.pace.dead_after / 3,
                stalled_worker_timeout=self.pace.dead_after,
            )
