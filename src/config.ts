/**
 * Every setting of the emulator in one table. Variable and flag names follow from the key (`maxBodyBytes` is
 * `CSR_MAX_BODY_BYTES` and `--max-body-bytes`), types follow from the row, `docs/config.md` is generated from it.
 */
import { availableParallelism } from 'node:os'

/** One row: what a value may be, what it is when nobody says, and what it does. */
interface Setting<Value> {
  default: Value
  /** What values are taken, for people. */
  takes: string
  meaning: string
  /** Reads the text of a variable or flag; undefined when it is not one of `takes`. */
  parse (text: string): Value | undefined
}

type Row<Value> = { default: Value, meaning: string }

function text (row: Row<string>, takes = 'text'): Setting<string> {
  return { ...row, takes, parse: (value) => value }
}

function integer (from: number, to: number, row: Row<number>): Setting<number> {
  return {
    ...row,
    takes: `an integer from ${from} to ${to}`,
    parse (value) {
      const number = Number(value)
      return /^\d+$/.test(value) && number >= from && number <= to ? number : undefined
    }
  }
}

function choice<const Value extends string> (values: readonly Value[], row: Row<NoInfer<Value>>): Setting<Value> {
  return { ...row, takes: values.join(' | '), parse: (value) => values.find((each) => each === value) }
}

const path = 'a path'

export const SETTINGS = {
  host: text({ default: '127.0.0.1', meaning: 'Address to listen on. Anything but loopback lets other machines in.' }),
  port: integer(0, 65_535, { default: 8080, meaning: 'Port to listen on; 0 takes a free one.' }),
  seed: text({
    default: '',
    meaning: 'JSON or YAML file with `applications`. Without it any non-empty pair of keys is accepted.'
  }, path),
  sttErrorShape: choice(['nested', 'flat'], {
    default: 'nested',
    meaning: 'Body of STT errors: `{"error":{"errorCode","message"}}` or `{"errorMessage","errorCode"}` (which of them is true is unknown).'
  }),
  rateError: choice(['420', '410'], {
    default: '420',
    meaning: 'Which 429 answers too many requests per second: Rate Limited or Throttle Limited (unknown of the vendor).'
  }),
  quotaRoundingSeconds: integer(1, 60, {
    default: 15,
    meaning: 'Audio seconds are charged to the quota in multiples of this (unknown of the vendor).'
  }),
  maxBodyBytes: integer(1, 1_073_741_824, {
    default: 3_145_728,
    meaning: 'Largest body in bytes; one more answers STT000 (the exact edge is unknown).'
  }),
  maxAudioMs: integer(1, 60_000, {
    default: 60_000,
    meaning: 'Longest sound in milliseconds; anything longer answers STT001 (the exact edge is unknown).'
  }),
  minAudioMs: integer(0, 60_000, {
    default: 400,
    meaning: 'A sound of this many milliseconds or less answers STT007.'
  }),
  acceptM4aWebm: choice(['false', 'true'], {
    default: 'false',
    meaning: '`true` decodes M4A (MP4) and WebM too, which the vendor does not list; otherwise they answer STT006.'
  }),
  modelKor: text({ default: '', meaning: 'Vosk model folder for Kor instead of the starter model.' }, path),
  modelEng: text({ default: '', meaning: 'Vosk model folder for Eng instead of the starter model.' }, path),
  modelJpn: text({ default: '', meaning: 'Vosk model folder for Jpn instead of the starter model.' }, path),
  modelChn: text({ default: '', meaning: 'Vosk model folder for Chn instead of the starter model.' }, path),
  libvosk: text({
    default: '',
    meaning: 'A libvosk of your own, for platforms that the package brings none for (Linux on arm64).'
  }, path),
  transcripts: text({
    default: '',
    meaning: 'File that keeps the text of every sound, to be committed: what stands in it is answered instead of recognised.'
  }, path),
  transcriptsMode: choice(['update', 'strict'], {
    default: 'update',
    meaning: '`update` recognises what is not in the file of `CSR_TRANSCRIPTS` and adds it; `strict` answers STT998 to it and loads no model.'
  }),
  cacheBytes: integer(0, 1_073_741_824, {
    default: 16_777_216,
    meaning: 'Memory for what is known of sounds that were sent before, in bytes; 0 decodes and recognises every call anew.'
  }),
  workers: integer(1, 256, {
    default: availableParallelism(),
    meaning: 'How many sounds are recognised at the same time; by default one for each core.'
  }),
  queueLength: integer(0, 100_000, {
    default: 256,
    meaning: 'How many sounds may wait for a recogniser; one more answers 503 Endpoint Error. Twice as many calls may be under way.'
  }),
  recognitionTimeoutMs: integer(1, 3_600_000, {
    default: 30_000,
    meaning: 'Longest recognition, counted from its start; beyond it the answer is 504 Endpoint Timeout.'
  }),
  requestTimeoutMs: integer(1_000, 3_600_000, {
    default: 120_000,
    meaning: 'Longest time for a whole request to arrive; beyond it the answer is 400 Bad Request Exception.'
  }),
  shutdownTimeoutMs: integer(0, 3_600_000, {
    default: 10_000,
    meaning: 'After SIGTERM, how long calls under way may take before they are cut off.'
  }),
  logLevel: choice(['debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    meaning: 'Least level that is logged. `debug` adds the transcripts.'
  }),
  logFormat: choice(['auto', 'json', 'pretty'], {
    default: 'auto',
    meaning: 'One JSON object per line, or coloured text; `auto` is pretty on a terminal.'
  })
} as const

type Settings = typeof SETTINGS

export type SettingName = keyof Settings

export type Config = { readonly [Name in SettingName]: Settings[Name] extends Setting<infer Value> ? Value : never }

const PREFIX = 'CSR_'

/** `maxBodyBytes` → `CSR_MAX_BODY_BYTES`. */
export function variableOf (name: SettingName): string {
  return PREFIX + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** `maxBodyBytes` → `max-body-bytes`. */
export function flagOf (name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** What is wrong with the configuration: all of it at once, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor (problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Settings as far as they could be read, and what was wrong with the others (they hold their defaults). */
export interface ConfigReading {
  config: Config
  /** One line each, naming the variable or flag. */
  problems: string[]
}

/**
 * Reads the settings. Flags win over variables, variables over defaults; an empty text counts as not given. It never
 * throws: whoever starts the server adds what is wrong elsewhere and reports everything at once.
 *
 * @param env variables; those without our prefix are ignored, unknown ones with it are problems (typing mistakes)
 * @param flags values by flag name, without the dashes
 */
export function readConfig (
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string | undefined>> = {}
): ConfigReading {
  const names = Object.keys(SETTINGS) as SettingName[]
  const known = new Set(names.map(variableOf))
  const problems = Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
    .map((variable) => `${variable}: there is no such setting${nearest(variable, known)}`)

  const config: Record<string, unknown> = {}
  for (const name of names) {
    const setting: Setting<unknown> = SETTINGS[name]
    const flag = flags[flagOf(name)]
    const given = flag || env[variableOf(name)]
    const value = given ? setting.parse(given) : setting.default
    config[name] = value ?? setting.default
    if (value === undefined) {
      const label = flag ? `--${flagOf(name)}` : variableOf(name)
      problems.push(`${label}: must be ${setting.takes}, not "${given}"`)
    }
  }
  problems.push(...contradictionsIn(config as Config))
  return { config: Object.freeze(config) as Config, problems }
}

/** Values that are right alone and wrong together. */
function contradictionsIn ({ minAudioMs, maxAudioMs, transcripts, transcriptsMode }: Config): string[] {
  return [
    ...minAudioMs >= maxAudioMs
      ? ['CSR_MIN_AUDIO_MS: must be less than CSR_MAX_AUDIO_MS, or every sound would be refused']
      : [],
    ...transcriptsMode === 'strict' && transcripts === ''
      ? ['CSR_TRANSCRIPTS_MODE: strict needs a file, named by CSR_TRANSCRIPTS']
      : []
  ]
}

/** A hint for a mistyped variable: the one that shares its letters, if there is just one. */
function nearest (variable: string, known: ReadonlySet<string>): string {
  const letters = (name: string) => name.replaceAll('_', '').slice(0, 9)
  const similar = [...known].filter((each) => letters(each) === letters(variable))
  return similar.length === 1 ? ` (did you mean ${similar[0]}?)` : ''
}
