"""URLs by which somebody would reach what is not public."""

# ruff: noqa: RUF001, SIM905 - other scripts' digits are what some of this is about, and a list is longer to read

# Hosts that are, or that some program takes for, this machine.
LOOPBACK = """
    127.0.0.1 127.0.0.1. 127.1 127.0.1 127.1. 127.255.255.254 127.0.0.01 127.0.0.1.1
    2130706433 017700000001 0x7f000001 0x7F000001 0x7f000001.
    0177.0.0.1 0177.0.0.01 00000177.0.0.1 0x7f.0.0.1 0x7f.0.0.0x1 0x7F.1 127.0x1 127.0.0x0.1
    0 0.0.0.0 0x0 00 0. 4294967295 %31%32%37.0.0.1 127.0.0.1%00 127.0.0.1%2e
    [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:7F00:1]
    [::127.0.0.1] [::ffff:0:127.0.0.1] [::1%25lo] [::1%lo] [::①]
    ①②⑦.⓪.⓪.① １２７.0.0.1 １２７．０．０．１ 127。0。0。1 127．0．0．1 ١٢٧.٠.٠.١ 𝟏𝟐𝟕.𝟎.𝟎.𝟏 127.0.0.1。 ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
""".split()
ELSEWHERE = """
    10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 198.18.0.1 224.0.0.1 255.255.255.255
    169.254.169.254 169.254.169.254. 0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.43518
    100.100.100.200 192.0.0.192 168.63.129.16 [fd00:ec2::254] [fe80::a9fe:a9fe] [fe80::1%25eth0]
    [fc00::1] [ff02::1] [::ffff:169.254.169.254] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe]
    [64:ff9b:1::127.0.0.1] [64:ff9b:1:7f00:0:100::] [2002:7f00:1::] [2002:a9fe:a9fe::1]
    [2001:0:7f00:1::f7f7:f7f7] [2001:0:808:808::80ff:fffe] [2606:4700:4700::1111%25eth0]
""".split()
# `PORT` is one at which this machine does listen, and `good.example` is public.
HOSTILE = [
    "http://good.example@127.0.0.1:PORT/",
    "http://good.example:80@127.0.0.1:PORT/",
    "http://good.example:80\\@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@good.example/",
    "http://127.0.0.1:PORT\\.good.example/",
    "http://good.example%00@127.0.0.1:PORT/",
    "http://good.example%23@127.0.0.1:PORT/",
    "http://a@good.example@127.0.0.1:PORT/",
    "http://user:password@good.example/",
    "http://@127.0.0.1:PORT/",
    "http://:@good.example/",
    "http://127.0.0.1 .good.example/",
    "http://127.0.0.1%20.good.example/",
    "http://127.0.0.1:PORT:80/",
    "http://[::1]:PORT@good.example/",
    "http://[::1].good.example/",
    "http://good.example\r\nhost: 127.0.0.1/",
    "http://good.example/\r\nx: y",
    "http://good.example\t@127.0.0.1/",
    "http://good\0.example/",
    "http://good\ud800.example/",
    "http:/127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT/",
    "/etc/passwd",
    "",
    " http://good.example/",
    *(
        f"{scheme}://127.0.0.1:PORT/"
        for scheme in ("ftp", "file", "gopher", "ws", "unix", "http+unix", "dict", "httpx")
    ),
    "file:///etc/passwd",
    "unix:/run/docker.sock",
    "jar:http://127.0.0.1:PORT!/",
    "http://good.example:25/",
    "http://good.example:22/",
    "http://good.example:0/",
    "http://good.example:65536/",
    "http://good.example:-1/",
    "http://good.example:4 43/",
    "http://" + "a" * 64 + ".example/",
    "http://" + "a." * 127 + "example/",
    "http://good..example/",
    "http://*.example/",
    "http://xn--/",
    *(f"http://{host}:PORT/" for host in LOOPBACK + ELSEWHERE),
]
