"""The recorder of the Python original, fed by a network camera: each JPEG goes into Redis as it came, with a new id.

It stands in for the original's own, which takes only a camera of the machine and encodes anew.
"""

import os
import re
import sys
import time
import urllib.request

import redis

store = redis.Redis()
while True:
    try:
        store.ping()
        break
    except redis.exceptions.ConnectionError:
        time.sleep(0.05)
with urllib.request.urlopen(sys.argv[1]) as stream:
    while line := stream.readline():
        length = re.match(rb"content-length: *(\d+)", line, re.IGNORECASE)
        if length is None:
            continue
        stream.readline()
        store.set("image", stream.read(int(length[1])))
        store.set("image_id", os.urandom(4))
