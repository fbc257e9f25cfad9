import t from 'tap'
import { availableParallelism } from 'node:os'
import { flagOf, readConfig, SETTINGS, variableOf, type SettingName } from '../../src/config.ts'

const defaults = {
  host: '127.0.0.1',
  port: 8080,
  seed: '',
  sttErrorShape: 'nested',
  rateError: '420',
  quotaRoundingSeconds: 15,
  maxBodyBytes: 3_145_728,
  maxAudioMs: 60_000,
  minAudioMs: 400,
  acceptM4aWebm: 'false',
  modelKor: '',
  modelEng: '',
  modelJpn: '',
  modelChn: '',
  libvosk: '',
  transcripts: '',
  transcriptsMode: 'update',
  cacheBytes: 16_777_216,
  workers: availableParallelism(),
  queueLength: 256,
  recognitionTimeoutMs: 30_000,
  requestTimeoutMs: 120_000,
  shutdownTimeoutMs: 10_000,
  logLevel: 'info',
  logFormat: 'auto'
}

type Values = Record<string, string>
type Case = [name: string, env: Values, flags: Values, config: object, problems: string[]]

const cases: Case[] = [
  ['nothing given', { PATH: '/bin' }, {}, {}, []],
  ['a variable', { CSR_PORT: '9' }, {}, { port: 9 }, []],
  ['a flag', {}, { 'max-body-bytes': '5' }, { maxBodyBytes: 5 }, []],
  ['a flag wins over a variable', { CSR_PORT: '9' }, { port: '10' }, { port: 10 }, []],
  ['an empty variable counts as not given', { CSR_PORT: '', CSR_SEED: '' }, {}, {}, []],
  ['an empty flag gives way to the variable', { CSR_PORT: '9' }, { port: '' }, { port: 9 }, []],
  ['a choice', { CSR_STT_ERROR_SHAPE: 'flat' }, {}, { sttErrorShape: 'flat' }, []],
  ['port 0', { CSR_PORT: '0' }, {}, { port: 0 }, []],
  ['a port too high', { CSR_PORT: '65536' }, {}, {}, ['CSR_PORT: must be an integer from 0 to 65535, not "65536"']],
  ['a fraction', { CSR_PORT: '80.5' }, {}, {}, ['CSR_PORT: must be an integer from 0 to 65535, not "80.5"']],
  ['hexadecimal', { CSR_PORT: '0x50' }, {}, {}, ['CSR_PORT: must be an integer from 0 to 65535, not "0x50"']],
  ['a negative number', {}, { port: '-1' }, {}, ['--port: must be an integer from 0 to 65535, not "-1"']],
  ['a choice in capitals', { CSR_STT_ERROR_SHAPE: 'Flat' }, {}, {}, ['CSR_STT_ERROR_SHAPE: must be nested | flat, not "Flat"']],
  ['a typing mistake', { CSR_PROT: '1' }, {}, {}, ['CSR_PROT: there is no such setting']],
  ['a near miss', { CSR_MAXBODYBYTES: '1' }, {}, {}, ['CSR_MAXBODYBYTES: there is no such setting (did you mean CSR_MAX_BODY_BYTES?)']],
  ['all problems at once', { CSR_PORT: 'x', CSR_HOTS: 'y', CSR_WORKERS: '0' }, { 'log-level': 'loud' }, {}, [
    'CSR_HOTS: there is no such setting',
    'CSR_PORT: must be an integer from 0 to 65535, not "x"',
    'CSR_WORKERS: must be an integer from 1 to 256, not "0"',
    '--log-level: must be debug | info | warn | error | silent, not "loud"'
  ]],
  ['edges that leave no room', { CSR_MIN_AUDIO_MS: '5', CSR_MAX_AUDIO_MS: '5' }, {}, { minAudioMs: 5, maxAudioMs: 5 },
    ['CSR_MIN_AUDIO_MS: must be less than CSR_MAX_AUDIO_MS, or every sound would be refused']],
  ['strict without a file', { CSR_TRANSCRIPTS_MODE: 'strict' }, {}, { transcriptsMode: 'strict' },
    ['CSR_TRANSCRIPTS_MODE: strict needs a file, named by CSR_TRANSCRIPTS']],
  ['strict with a file', { CSR_TRANSCRIPTS_MODE: 'strict' }, { transcripts: 'a.jsonl' },
    { transcriptsMode: 'strict', transcripts: 'a.jsonl' }, []]
]

t.test('reads settings', async (t) => {
  for (const [name, env, flags, config, problems] of cases) {
    t.strictSame(readConfig(env, flags), { config: { ...defaults, ...config }, problems }, name)
  }
})

t.test('the result cannot be changed', async (t) => {
  t.ok(Object.isFrozen(readConfig({}).config))
})

t.test('names follow from the key', async (t) => {
  t.equal(variableOf('maxBodyBytes'), 'CSR_MAX_BODY_BYTES')
  t.equal(flagOf('maxBodyBytes'), 'max-body-bytes')
})

t.test('every default is a value that the setting takes', async (t) => {
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting = SETTINGS[name]
    if (setting.default !== '') t.equal(setting.parse(String(setting.default)), setting.default, name)
    t.match(setting.meaning, /\.$/, `${name} has a meaning`)
  }
})
