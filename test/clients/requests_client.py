"""requests with an open file: Content-Length, but chunked for an empty file."""
import base64
import sys

import requests


def call(url, path, client_id, client_secret, content_type):
    headers = {'Content-Type': content_type}
    if client_id:
        headers['X-NCP-APIGW-API-KEY-ID'] = client_id
    if client_secret:
        headers['X-NCP-APIGW-API-KEY'] = client_secret
    with open(path, 'rb') as file:
        response = requests.post(url, data=file, headers=headers)
    return str(response.status_code), response.content


for line in sys.stdin:
    try:
        status, body = call(*line.rstrip('\n').split('\t'))
    except Exception as error:
        status, body = 'failed', repr(error).encode()
    print(status, base64.b64encode(body).decode(), sep='\t', flush=True)
