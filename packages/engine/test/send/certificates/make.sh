#!/bin/sh
# Makes the certificates that the sender's tests use: an authority, and server certificates that are good, expired,
# for another host, and self-signed. Keys here protect nothing. Needs OpenSSL 3; run it in this folder to make them anew.
set -eu
subject() { printf '/O=Waxwing tests/CN=%s' "$1"; }
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key.pem"; }

key authority
openssl req -x509 -new -key authority.key.pem -sha256 -days 36500 -subj "$(subject 'test authority')" \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out authority.pem

# name, subjectAltName, not before, not after
signed() {
  key "$1"
  openssl req -new -key "$1.key.pem" -subj "$(subject "$1")" -out "$1.csr"
  : > index.txt
  openssl rand -hex 12 > serial
  cat > ca.cnf <<CNF
[ca]
default_ca = tests
[tests]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = server
[any]
organizationName = optional
commonName = supplied
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $2
CNF
  openssl ca -batch -notext -config ca.cnf -cert authority.pem -keyfile authority.key.pem \
    -startdate "$3" -enddate "$4" -in "$1.csr" -out "$1.pem"
  rm -f "$1.csr" index.txt* serial* ca.cnf
  ls | grep -E '^[0-9A-F]{24}\.pem$' | xargs rm -f
}
signed good 'DNS:localhost,DNS:receiver.example,IP:127.0.0.1' 20240101000000Z 21240101000000Z
signed expired 'DNS:localhost,IP:127.0.0.1' 20200101000000Z 20210101000000Z
signed early 'DNS:localhost,IP:127.0.0.1' 21230101000000Z 21240101000000Z
signed other-host 'DNS:elsewhere.example' 20240101000000Z 21240101000000Z

key self-signed
openssl req -x509 -new -key self-signed.key.pem -sha256 -days 36500 -subj "$(subject self-signed)" \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -out self-signed.pem
rm -f authority.key.pem
