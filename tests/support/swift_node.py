"""OpenStack Swift with its S3 interface, all four servers in one process: run by the Python that Swift is installed in.

Called with its folder and the ports of proxy, object, container and account server; ends with whoever started it.
"""

# ruff: noqa: E402 - eventlet and Swift's configuration come before what reads them
from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import os
import sys
from pathlib import Path

from swift.common import utils

CONF = "[swift-hash]\nswift_hash_path_suffix = of-a-test\n[storage-policy:0]\nname = only\ndefault = yes\n"
SERVER = """[DEFAULT]
devices = {devices}
swift_dir = {folder}
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = server
[app:server]
use = egg:swift#{kind}
"""
PROXY = """[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = eu-central-1
allow_multipart_uploads = false
[filter:tempauth]
use = egg:swift#tempauth
user_corvane_pages = {secret} .admin
user_corvane_reader = {secret}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
"""


def rings(folder: Path, ports: dict[str, int]) -> None:
    from swift.common.ring import RingBuilder

    for kind, port in ports.items():
        builder = RingBuilder(4, 1, 0)
        builder.add_dev(
            {"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": "disk",
             "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""}
        )  # fmt: skip
        builder.rebalance()
        builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def main() -> None:
    folder, secret, proxy, *others = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
    ports = dict(zip(("object", "container", "account"), others, strict=True))
    devices = folder / "devices"
    (devices / "disk").mkdir(parents=True, exist_ok=True)
    (folder / "swift.conf").write_text(CONF)
    rings(folder, ports)
    utils.set_swift_dir(str(folder))
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    utils.validate_hash_conf()
    texts = {kind: SERVER.format(folder=folder, devices=devices, kind=kind) for kind in ports}
    texts["proxy"] = PROXY.format(folder=folder, secret=secret)
    for kind, text in texts.items():
        path = folder / f"{kind}.conf"
        path.write_text(text)
        socket = eventlet.listen(("127.0.0.1", ports.get(kind, proxy)))
        eventlet.spawn(
            eventlet.wsgi.server, socket, loadapp(str(path)), utils.NullLogger(), protocol=SwiftHttpProtocol
        )
    print("ready", flush=True)
    started_by = os.getppid()
    while os.getppid() == started_by:
        eventlet.sleep(0.2)


main()
