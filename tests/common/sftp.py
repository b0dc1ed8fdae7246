"""SFTP and SCP for `user` with `secret` in the folder that is named: asyncssh."""
import asyncio
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh

folder, port, key_file = sys.argv[1], int(sys.argv[2]), sys.argv[3]


class Server(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, user, password):
        return (user, password) == ("user", "secret")


class Files(asyncssh.SFTPServer):
    def __init__(self, channel):
        super().__init__(channel, chroot=folder.encode())


async def main():
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    with open(key_file, "wb") as file:
        file.write(key.export_public_key("openssh"))
    await asyncssh.create_server(
        Server, "127.0.0.1", port, server_host_keys=[key], sftp_factory=Files, allow_scp=True
    )
    await asyncio.Event().wait()


asyncio.run(main())
