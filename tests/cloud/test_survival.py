"""What was taken is there again, whichever process is killed, and a start says in one sentence why it cannot be."""

from __future__ import annotations

import smtplib
import socket

import pytest

from infra import deploy
from infra.local import pid_lock
from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud
PROCESSES = ("supervisor", "cloud", "smtp", "http")


def test_nothing_taken_is_lost_whatever_is_killed(own_cloud: LocalCloud) -> None:
    cloud = own_cloud
    cloud.start(POSTFACH_CHECKPOINT_SECONDS="0.5")
    token, address = cloud.told["token"], cloud.told["fallback_address"]
    cloud.send(mail("before"))
    cloud.conversation("before")

    cloud.send(mail("emulator killed"))
    cloud.kill("cloud")
    cloud.conversation("emulator killed", 90)

    fronts = [cloud.data / "pids" / name for name in ("smtp", "http")]
    before = {pid_lock.holder(front) for front in fronts}
    cloud.kill("smtp", "http")
    eventually(lambda: not {pid_lock.holder(front) for front in fronts} & {None, *before})

    def sent() -> bool:
        cloud.send(mail("supervisor killed"))
        return True

    eventually(sent)
    cloud.kill("supervisor")
    cloud.start()
    assert (cloud.told["token"], cloud.told["fallback_address"]) == (token, address)
    cloud.conversation("supervisor killed", 90)

    cloud.send(mail("all killed"))
    cloud.kill(*PROCESSES)
    cloud.start()
    assert (cloud.told["token"], cloud.told["fallback_address"]) == (token, address)
    cloud.conversation("all killed", 90)
    subjects = ["all killed", "before", "emulator killed", "supervisor killed"]  # each once
    eventually(lambda: sorted(each["subject"] for each in cloud.conversations()) == subjects)

    assert cloud.stop() == 0
    assert not [name for name in PROCESSES if pid_lock.holder(cloud.data / "pids" / name)]
    cloud.start()
    assert sorted(each["subject"] for each in cloud.conversations()) == subjects


def test_a_mail_that_cannot_be_stored_stays_with_its_sender(own_cloud: LocalCloud) -> None:
    own_cloud.start()
    bucket = own_cloud.outputs()["MailBucketName"]
    own_cloud.aws("s3").delete_bucket(Bucket=bucket)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        own_cloud.send(mail("nowhere"))
    assert refused.value.smtp_code == 451


def test_a_second_start_says_that_it_runs(local: LocalCloud) -> None:
    said = local.refused()
    assert said == f"Postfach runs already with this data folder (process {local.told['pid']}); `make stop` ends it.\n"


def test_a_taken_port_is_named(own_cloud: LocalCloud) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = own_cloud.refused(POSTFACH_HTTP_PORT=str(port))
    assert said.startswith(f"Postfach cannot run: Port {port} is taken by another program; set POSTFACH_HTTP_PORT")
    assert said.count("\n") == 1


def test_a_deployment_that_changes_nothing_changes_nothing(local: LocalCloud) -> None:
    cloud = deploy.Cloud(local.told["region"], local.told["cloud_url"])
    stack = deploy.stack_name("local")
    url = deploy.upload(cloud)
    given = {"Stage": "local", "EnableReceiving": "false"}
    deploy.apply_template(cloud, stack, url, given)  # the tree may have been built anew since the start
    assert deploy.apply_template(cloud, stack, url, given) is False
    assert deploy.apply_template(cloud, stack, url, given | {"LogLevel": "DEBUG"}) is True
    assert deploy.apply_template(cloud, stack, url, given | {"LogLevel": "INFO"}) is True
