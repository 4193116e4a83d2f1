"""wireroom and Miniflux poll the same scripted feeds for as long as they are told, side by side.

Each has a server of its own that plays the same script: feeds at addresses of 127.0.0.0/8, so that each is a host
of its own. How long an item took to be found is told by the server: from its publication to the first whole answer
that carried it. Prints one table.
"""

import argparse
import asyncio
import base64
import email.utils
import json
import math
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

WINDOW = 20
HISTORY = 20
# Items an hour: log-normal, so that most feeds are slow and a few are busy.
MEDIAN, SIGMA, MOST = 4.0, 1.0, 60.0
# What is published so late that a feed polled every ten minutes could not be found yet does not count.
LATE = 15 * 60


def script(feeds, seconds, seed):
    """By feed, the publication times of its items in order, seconds from the start; the first are history."""
    rng = random.Random(seed)
    out = []
    for _ in range(feeds):
        rate = min(MOST, MEDIAN * math.exp(rng.gauss(0, SIGMA))) / 3600
        past, at = [], 0.0
        for _ in range(HISTORY):
            at -= rng.expovariate(rate)
            past.append(at)
        times, at = past[::-1], 0.0
        while (at := at + rng.expovariate(rate)) < seconds:
            times.append(at)
        out.append(times)
    return out


class Server:
    """Plays the script to one client and writes down what it asked."""

    def __init__(self, times):
        self.times, self.start = times, time.time()
        self.found = [[None] * len(feed) for feed in times]
        self.requests = self.unchanged = self.sent = 0

    async def listen(self):
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        self.port = probe.getsockname()[1]
        probe.close()
        self.hosts = [f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(len(self.times))]
        await asyncio.start_server(self.talk, self.hosts, self.port)

    def url(self, feed):
        return f"http://{self.hosts[feed]}:{self.port}/feed"

    def shown(self, feed):
        now = time.time() - self.start
        count = sum(at <= now for at in self.times[feed])
        return range(max(0, count - WINDOW), count)

    def document(self, feed, shown):
        items = []
        for n in reversed(shown):
            at = email.utils.formatdate(self.start + self.times[feed][n])
            link = f"http://feed{feed}.example/{n}"
            words = " ".join(random.Random(f"{feed} {n}").choices("harbour storm vote pier budget mayor strike rail".split(), k=40))
            items.append(f"<item><title>Report {n} of feed {feed}</title><link>{link}</link><guid>{link}</guid>"
                         f"<pubDate>{at}</pubDate><description>{words}.</description></item>")
        return ("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>"
                f"<title>Feed {feed}</title><link>http://feed{feed}.example/</link>"
                "<description>Scripted</description>" + "".join(items) + "</channel></rss>").encode()

    async def talk(self, reader, writer):
        feed = self.hosts.index(writer.get_extra_info("sockname")[0])
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self.answer(feed, head, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, feed, head, writer):
        lines = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if " /feed " not in head.split("\r\n")[0]:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return await writer.drain()
        shown = self.shown(feed)
        tag = f'"{shown.stop}"'
        self.requests += 1
        if lines.get("if-none-match") == tag:
            self.unchanged += 1
            writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
            return await writer.drain()
        body = self.document(feed, shown)
        writer.write((f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        await writer.drain()
        self.sent += len(body)
        now = time.time() - self.start
        for n in shown:
            if self.found[feed][n] is None:
                self.found[feed][n] = now

    def row(self, name, until):
        delays, missed = [], 0
        for times, found in zip(self.times, self.found):
            newest = max((n for n, at in enumerate(found) if at is not None), default=-1)
            for n, (at, seen) in enumerate(zip(times, found)):
                if not 0 < at < until - LATE:
                    continue
                if seen is not None:
                    delays.append(seen - at)
                elif n < newest:
                    missed += 1
                else:
                    delays.append(until - at)
        delays.sort()
        share = lambda part: delays[int((len(delays) - 1) * part)] / 60
        feeds = len(self.times)
        return (f"| {name} | {self.requests} | {self.requests / feeds / (until / 3600):.1f} | {self.unchanged} | "
                f"{self.sent / 1e6:.1f} | {sum(delays) / len(delays) / 60:.2f} | {share(.5):.2f} | {share(.95):.2f} | "
                f"{missed} of {len(delays) + missed} |")


def wireroom(binary, home, server, budget):
    lines = [
        f'[state]\ndir = "{home}/state"\n[sink]\ntype = "file"\npath = "{home}/articles.ndjson"',
        '[sources]\nfirst_poll = "publish"\n[fetch]\nallow = ["127.0.0.0/8"]',
        f'[schedule]\nbudget = "{budget}/feed/day"\nmin_interval = "1m"\n[http]\nlisten = "127.0.0.1:0"',
    ]
    lines += [f'[[feed]]\nid = "f{n}"\nurl = "{server.url(n)}"' for n in range(len(server.times))]
    config = home / "wireroom.toml"
    config.write_text("\n".join(lines) + "\n")
    log = open(home / "wireroom.log", "w")
    return subprocess.Popen([binary, "run", "--config", config], stdout=log, stderr=log)


def postgres(home):
    tools = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    data = home / "db"
    data.mkdir()
    shutil.chown(data, "postgres", "postgres")
    as_them = ["runuser", "-u", "postgres", "--"]
    quiet = dict(stdout=subprocess.DEVNULL, cwd="/", check=True)
    subprocess.run([*as_them, tools / "initdb", "-D", data, "-A", "trust"], **quiet)
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [*as_them, tools / "pg_ctl", "-D", data]
    subprocess.run([*control, "-o", options, "-l", data / "log", "-w", "start"], **quiet)
    subprocess.run([*as_them, "psql", "-q", "-h", "127.0.0.1", "-p", str(port), "-c", "create role miniflux superuser login",
                    "-c", "create database miniflux owner miniflux"], **quiet)
    return port, control


def miniflux(binary, home, server, interval):
    port, control = postgres(home)
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    listen = f"127.0.0.1:{probe.getsockname()[1]}"
    probe.close()
    settings = {
        "DATABASE_URL": f"postgres://miniflux@127.0.0.1:{port}/miniflux?sslmode=disable", "LISTEN_ADDR": listen,
        "RUN_MIGRATIONS": 1, "CREATE_ADMIN": 1, "ADMIN_USERNAME": "admin", "ADMIN_PASSWORD": "test123",
        "FETCHER_ALLOW_PRIVATE_NETWORKS": 1, "POLLING_FREQUENCY": 1, "BATCH_SIZE": 1000,
        "SCHEDULER_ROUND_ROBIN_MIN_INTERVAL": interval, "POLLING_PARSING_ERROR_LIMIT": 0,
    }
    config = home / "miniflux.env"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    log = open(home / "miniflux.log", "w")
    process = subprocess.Popen([binary, "-c", config], stdout=log, stderr=log)
    token = base64.b64encode(b"admin:test123").decode()

    def add(feed):
        body = json.dumps({"feed_url": server.url(feed), "category_id": 1}).encode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"http://{listen}/v1/feeds", body, headers), timeout=30).read()

    return process, control, add


async def add_all(add, count):
    loop = asyncio.get_running_loop()
    for feed in range(count):
        for attempt in range(40):
            try:
                await loop.run_in_executor(None, add, feed)
                break
            except OSError:
                if attempt == 39:
                    raise
                await asyncio.sleep(0.5)


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--wireroom", required=True)
    options.add_argument("--miniflux", required=True)
    options.add_argument("--minutes", type=int, default=60)
    options.add_argument("--feeds", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--interval", type=int, default=5, help="of Miniflux, minutes")
    options.add_argument("--budget", type=int, default=240, help="of wireroom, polls a feed and day")
    given = options.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="wireroom-polling-"))
    home.chmod(0o711)
    times = script(given.feeds, given.minutes * 60, given.seed)
    ours, theirs = Server(times), Server(times)
    await ours.listen()
    await theirs.listen()
    peer, control, add = miniflux(given.miniflux, home, theirs, given.interval)
    daemon = None
    try:
        await add_all(add, given.feeds)
        # From here on both know all feeds, and the script begins.
        daemon = wireroom(given.wireroom, home, ours, given.budget)
        for server in (ours, theirs):
            server.start, server.requests, server.unchanged, server.sent = time.time(), 0, 0, 0
            server.found = [[None] * len(feed) for feed in times]
        await asyncio.sleep(given.minutes * 60)
        print("| program | requests | a feed and hour | of them 304 | MB sent | mean, min | p50, min | p95, min | missed |")
        print("|---|---|---|---|---|---|---|---|---|")
        print(ours.row(f"wireroom, budget {given.budget}/feed/day", given.minutes * 60))
        print(theirs.row(f"Miniflux 2.3.1, every {given.interval} min", given.minutes * 60))
    finally:
        for process in filter(None, (daemon, peer)):
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        subprocess.run([*control, "-m", "fast", "stop"], stdout=subprocess.DEVNULL, cwd="/", check=False)
    shutil.rmtree(home)


asyncio.run(main())
