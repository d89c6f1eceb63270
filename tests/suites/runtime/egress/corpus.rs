//! What must not get through: addresses that are not public, and texts that look like a host that is allowed, or
//! like an address to somebody.

/// Addresses that no name leads to and that no literal reaches, unless a list names them.
pub(super) const ADDRESSES: &str = "
    0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
    127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255

    :: ::1 ::2 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
    ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1::127.0.0.1 100::1
    2001::1 2001:0:7f00:1::1 2001:0:4136:e378:8000:63bf:80ff:fffe 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
    2002:7f00:1::1 2002:a9fe:a9fe::1 2002:c0a8:1::1 3fff::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254
    fd00:c1::a9fe:a9fe fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 ff02::1 ff05::1:3 ff0e::1 1::1 4000::1 e000::1";

/// Authorities that a list of `http://api.example.com:PORT`, `http://*.example.com:PORT` and
/// `http://127.0.0.1:PORT` does not mean.
pub(super) const AUTHORITIES: &str = "
    2130706433:PORT 017700000001:PORT 0x7f000001:PORT 0X7F000001:PORT 0x7f.0x0.0x0.0x1:PORT 0x7f.1:PORT
    0177.0.0.1:PORT 0177.0.0.01:PORT 127.1:PORT 127.0.1:PORT 127.0.0.01:PORT 127.000.000.001:PORT 127.0.0.1.:PORT
    00127.0.0.1:PORT 127.0.0.0x1:PORT 127.0.0.1.1:PORT 127.0.0.256:PORT 127.0.0.1e0:PORT 1.0.0.127:PORT
    １２７.0.0.1:PORT 127。0。0。1:PORT 127．0．0．1:PORT ①②⑦.0.0.1:PORT 127%2e0%2e0%2e1:PORT 127.0.0.1%20:PORT

    [::1]:PORT [::1%lo]:PORT [::1%25lo]:PORT [::]:PORT [::ffff:127.0.0.1]:PORT [::ffff:7f00:1]:PORT
    [0:0:0:0:0:ffff:127.0.0.1]:PORT [::127.0.0.1]:PORT [64:ff9b::7f00:1]:PORT [2002:7f00:1::]:PORT
    [fe80::1%eth0]:PORT [127.0.0.1]:PORT [localhost]:PORT [api.example.com]:PORT [v1.127.0.0.1]:PORT ::1:PORT
    [::1:PORT ::1]:PORT []:PORT

    localhost:PORT LOCALHOST:PORT localhost.:PORT localhost.localdomain:PORT ip6-localhost:PORT api.localhost:PORT
    metadata.google.internal:PORT instance-data:PORT kubernetes.default.svc:PORT host.docker.internal:PORT
    127.0.0.1.nip.io:PORT

    api.example.com.evil.example:PORT evilexample.com:PORT evil-example.com:PORT example.com:PORT
    example.com.evil.example:PORT api.example.co:PORT api.example.comm:PORT api.example.com.:PORT .example.com:PORT
    a..example.com:PORT api.example.com..:PORT *.example.com:PORT api.example.com,evil.example:PORT
    api.example.com;evil.example:PORT -a.example.com:PORT a-.example.com:PORT a!.example.com:PORT
    a$(id).example.com:PORT xn--ample-9ta.com:PORT api.examp1e.com:PORT

    api.example.com@127.0.0.1:PORT 127.0.0.1@api.example.com:PORT api.example.com:PORT@127.0.0.1:PORT
    user:secret@api.example.com:PORT @api.example.com:PORT :@127.0.0.1:PORT api.example.com%40127.0.0.1:PORT
    api.example.com#@127.0.0.1:PORT api.example.com\\@127.0.0.1:PORT api.example.com/@127.0.0.1:PORT
    api.example.com?@127.0.0.1:PORT api.example.com%00.evil.example:PORT api%2eexample.com:PORT
    api.example.com%2eevil.example:PORT api.example.com%2f:PORT

    ａpi.example.com:PORT api。example。com:PORT apı.example.com:PORT bücher.example.com:PORT api.example.сom:PORT

    api.example.com api.example.com: api.example.com:0 api.example.com:443 api.example.com:65536
    api.example.com:+PORT api.example.com:0PORT api.example.com:PORT:PORT api.example.com:PORT0 127.0.0.1
    127.0.0.1:PORT:80 127.0.0.1:";
