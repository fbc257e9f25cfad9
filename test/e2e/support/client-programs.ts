/** Runs the programs of test/clients: which tool each needs, and what it answered to a list of calls. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from '../../helpers/server-process.ts'

export interface ClientCall {
  url: string
  path: string
  /** Empty: the header is not sent. The same for the secret. */
  clientId: string
  clientSecret: string
  contentType: string
}

/** What a client saw: a status and the bytes of the body as text, or why it saw none. */
export type ClientSight = { status: number, body: string } | { failure: string }

type Command = readonly [program: string, ...args: string[]]

export interface ClientProgram {
  name: string
  /** The command, once the tool is found and the program built; otherwise why it cannot run on this machine. */
  prepare (buildFolder: string): { command: Command } | { missing: string }
}

const CLIENT_FOLDER = fileURLToPath(new URL('../../clients/', import.meta.url))
const inClients = (file: string) => join(CLIENT_FOLDER, file)

/** Whether a command can be run and ends with 0. */
function works ([program, ...args]: Command): boolean {
  return spawnSync(program, args, { env: plainEnvironment(), stdio: 'ignore' }).status === 0
}

/** The first of `programs` that passes the check runs the client. */
function needs (programs: readonly string[], check: readonly string[], args: readonly string[], missing: string) {
  return () => {
    const program = programs.find((each) => works([each, ...check]))
    return program === undefined ? { missing } : { command: [program, ...args] as const }
  }
}

// The one on the PATH may be a Python of the user's own, without the packages of the system.
const PYTHONS = ['python3', '/usr/bin/python3']

const java = (file: string) => needs(['java'], ['--list-modules'], [inClients(file)], 'there is no java')
const needsCompiler = (prepare: ReturnType<typeof java>): ClientProgram['prepare'] => () =>
  works(['javac', '-version']) ? prepare() : { missing: 'there is no javac (default-jdk-headless)' }

const node = (kind: string): ClientProgram => ({
  name: `Node ${kind}`,
  prepare: () => ({ command: [process.execPath, inClients('node-client.mjs'), kind] })
})

function buildGo (buildFolder: string): ReturnType<ClientProgram['prepare']> {
  const binary = join(buildFolder, 'file-client')
  if (!works(['go', 'version'])) return { missing: 'there is no go (golang-go)' }
  const { status, stderr } = spawnSync('go', ['build', '-o', binary, inClients('file_client.go')], {
    env: { ...plainEnvironment(), GO111MODULE: 'off' }, encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`go build failed: ${stderr}`)
  return { command: [binary] }
}

export const CLIENT_PROGRAMS: readonly ClientProgram[] = [
  {
    name: 'Python requests',
    prepare: needs(PYTHONS, ['-c', 'import requests'], [inClients('requests_client.py')],
      'no python3 has requests (python3-requests)')
  },
  {
    name: 'Python urllib',
    prepare: needs(PYTHONS, ['-c', 'import urllib.request'], [inClients('urllib_client.py')], 'there is no python3')
  },
  { name: 'Java HttpURLConnection', prepare: needsCompiler(java('UrlConnectionClient.java')) },
  { name: 'Java HttpClient', prepare: needsCompiler(java('HttpClientClient.java')) },
  node('fetch-buffer'),
  node('fetch-stream'),
  node('http-pipe'),
  node('axios-buffer'),
  node('axios-stream'),
  {
    name: 'PHP curl',
    prepare: needs(['php'], ['-r', 'exit(function_exists("curl_init") ? 0 : 1);'], [inClients('curl_client.php')],
      'no php has curl (php-cli php-curl)')
  },
  { name: 'Go with a file', prepare: buildGo },
  {
    name: 'curl --data-binary',
    prepare: () => works(['curl', '--version'])
      ? { command: ['sh', inClients('curl-client.sh')] }
      : { missing: 'there is no curl' }
  }
]

/** Lets one program make all calls, one after the other, and returns what it saw in the same order. */
export async function runClient ([program, ...args]: Command, calls: readonly ClientCall[]): Promise<ClientSight[]> {
  const child = spawn(program, args, { env: plainEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  child.stdin.end(calls.map(({ url, path, clientId, clientSecret, contentType }) =>
    `${[url, path, clientId, clientSecret, contentType].join('\t')}\n`).join(''))
  const code = await closed
  const sights = stdout.split('\n').filter((line) => line !== '').map(readSight)
  if (code !== 0 || sights.length !== calls.length) {
    throw new Error(`${program} ended with ${code} after ${sights.length} of ${calls.length} calls:\n${stderr}`)
  }
  return sights
}

function readSight (line: string): ClientSight {
  const [status = '', body = ''] = line.split('\t')
  const text = Buffer.from(body, 'base64').toString('latin1')
  return status === 'failed' ? { failure: text } : { status: Number(status), body: text }
}
