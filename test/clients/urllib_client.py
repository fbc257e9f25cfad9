"""urllib of the standard library, the file read into memory: Content-Length, Connection: close."""
import base64
import sys
import urllib.error
import urllib.request


def call(url, path, client_id, client_secret, content_type):
    with open(path, 'rb') as file:
        request = urllib.request.Request(url, data=file.read(), method='POST')
    request.add_header('Content-Type', content_type)
    if client_id:
        request.add_header('X-NCP-APIGW-API-KEY-ID', client_id)
    if client_secret:
        request.add_header('X-NCP-APIGW-API-KEY', client_secret)
    try:
        with urllib.request.urlopen(request) as response:
            return str(response.status), response.read()
    except urllib.error.HTTPError as error:
        return str(error.code), error.read()


for line in sys.stdin:
    try:
        status, body = call(*line.rstrip('\n').split('\t'))
    except Exception as error:
        status, body = 'failed', repr(error).encode()
    print(status, base64.b64encode(body).decode(), sep='\t', flush=True)
