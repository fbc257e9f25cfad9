/** Node's clients; the argument says which: fetch-buffer, fetch-stream, http-pipe, axios-buffer, axios-stream. */
import axios from 'axios'
import { createReadStream, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

async function fetchWith (url, headers, body) {
  // A stream needs duplex, a buffer does not mind it.
  const response = await fetch(url, { method: 'POST', headers, body, duplex: 'half' })
  return [response.status, Buffer.from(await response.arrayBuffer())]
}

async function axiosWith (url, headers, data) {
  const response = await axios.post(url, data, {
    headers, responseType: 'arraybuffer', validateStatus: () => true, maxBodyLength: Infinity
  })
  return [response.status, response.data]
}

/** What the old package `request` did for the vendor's sample: a file piped into the request, chunked. */
function pipeInto (url, headers, file) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers }, (response) => {
      buffer(response).then((body) => { resolve([response.statusCode, body]) }, reject)
    })
    outgoing.on('error', reject)
    file.pipe(outgoing)
  })
}

const CALLS = {
  'fetch-buffer': (url, headers, path) => fetchWith(url, headers, readFileSync(path)),
  'fetch-stream': (url, headers, path) => fetchWith(url, headers, Readable.toWeb(createReadStream(path))),
  'http-pipe': (url, headers, path) => pipeInto(url, headers, createReadStream(path)),
  'axios-buffer': (url, headers, path) => axiosWith(url, headers, readFileSync(path)),
  'axios-stream': (url, headers, path) => axiosWith(url, headers, createReadStream(path))
}

const call = CALLS[process.argv[2]]

for await (const line of createInterface({ input: process.stdin })) {
  const [url, path, clientId, clientSecret, contentType] = line.split('\t')
  const headers = {
    'Content-Type': contentType,
    ...clientId && { 'X-NCP-APIGW-API-KEY-ID': clientId },
    ...clientSecret && { 'X-NCP-APIGW-API-KEY': clientSecret }
  }
  try {
    const [status, body] = await call(url, headers, path)
    console.log(`${status}\t${body.toString('base64')}`)
  } catch (error) {
    const message = [error, error.cause].filter(Boolean).map(String).join(': ')
    console.log(`failed\t${Buffer.from(message).toString('base64')}`)
  }
}
